// French words of alignment by PPO.
import type { alignEn } from './alignEn.ts';

export const alignFr: typeof alignEn = {
  lead: 'PPO fait s’exercer le modèle et rend plus probable ce qui est récompensé.',
};
