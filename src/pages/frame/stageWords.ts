// The state of a stage in words: its own where it has them.
import type { Stage, StageState } from '../../state/chain.svelte.ts';
import { t } from '../../state/language.svelte.ts';

export function stageWords(id: Stage, { state, progress }: StageState): string {
  const share = state === 'working' && progress !== null ? ` ${t().common.percent(progress)}` : '';
  return (t().rail.own[id]?.[state] ?? t().rail.state[state]) + share;
}
