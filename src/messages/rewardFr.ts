// French words of reward models.
import type { rewardEn } from './rewardEn.ts';

export const rewardFr: typeof rewardEn = {
  lead: 'Un modèle de récompense apprend des préférences laquelle de deux réponses on choisirait.',
};
