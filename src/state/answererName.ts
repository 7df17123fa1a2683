// Who gave an answer, as the files say it: the same in every language.
import { adapters } from './adapters.svelte.ts';
import { engine } from './engine.svelte.ts';

export const answererName = (adapterId: string | null): string =>
  adapterId === null ? engine.model.name : (adapters.find(adapterId)?.name ?? `${engine.model.name} + ${adapterId}`);
