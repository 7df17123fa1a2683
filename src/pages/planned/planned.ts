// What each stage that is not built yet will leave: its file in the project folder.
import type { Messages } from '../../messages/index.ts';

export type PlannedId = keyof Messages['planned']['stages'];

export const PLANNED: Record<PlannedId, { file: string }> = { evaluate: { file: 'reports/*.json' } };
