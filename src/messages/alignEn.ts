// English words of alignment by PPO.
export const alignEn = {
  lead: 'PPO lets the model practise, and makes more likely what is rewarded.',
};
