// English words of reward models.
export const rewardEn = {
  lead: 'A reward model learns from preferences which of two answers people would choose.',
};
