// Who gave an answer, in words.
import { adapters } from '../../state/adapters.svelte.ts';
import { engine } from '../../state/engine.svelte.ts';
import { t } from '../../state/language.svelte.ts';

export function byWhom(adapterId: string | null): string {
  if (adapterId === null) return t().adapters.baseAlone(engine.model.name);
  return t().adapters.with(adapters.find(adapterId)?.name ?? t().adapters.gone);
}
