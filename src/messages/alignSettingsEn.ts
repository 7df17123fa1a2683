// What PPO is told and what it measures, in English.
export const alignSettingsEn = {
  metric: {
    'objective/scores': {
      label: 'Reward',
      meaning: 'What an answer is paid on average, by the reward model and the rules.',
    },
    'objective/scores_std': {
      label: 'Spread of the reward',
      meaning: 'How much answers differ. At 0 there is nothing to learn.',
    },
    'objective/model_score': { label: 'Reward model', meaning: 'What the reward model alone gives.' },
    'objective/rules_score': { label: 'Rules', meaning: 'What the rules give together, weighed.' },
    'objective/kl': { label: 'KL', meaning: 'How far the policy has gone from its start, in nats per answer.' },
    'objective/kl_coef': { label: 'KL coefficient', meaning: 'What a nat of KL costs.' },
    'objective/entropy': { label: 'Entropy', meaning: 'How open the next token is. Near 0 it always says the same.' },
    'objective/non_score_reward': { label: 'Cost of the KL', meaning: 'What straying costs an answer; below 0.' },
    'objective/rlhf_reward': {
      label: 'Reward after the KL',
      meaning: 'What an answer is paid less what straying costs: what PPO raises.',
    },
    'objective/length': { label: 'Length', meaning: 'Tokens of an answer.' },
    'objective/eos_rate': { label: 'Ended answers', meaning: 'Share of the answers that end by themselves.' },
    'objective/repetition': {
      label: 'Repetition',
      meaning: 'Share of three-token groups that the answer has said before.',
    },
    'policy/approxkl_avg': {
      label: 'Move of a step',
      meaning: 'How far one step moves the policy from the answers that it learns from.',
    },
    'policy/clipfrac_avg': { label: 'Clipped tokens', meaning: 'Share of the tokens that the clip holds back.' },
    'policy/first_ratio': {
      label: 'First ratio',
      meaning: 'New over old probability before the first update: 1 when all is well.',
    },
    'policy/drift': {
      label: 'Sampling and training',
      meaning: 'How much the two differ in log-probability per token.',
    },
    'loss/policy_avg': { label: 'Policy loss', meaning: 'What the policy’s update lowers.' },
    'loss/value_avg': { label: 'Value loss', meaning: 'How wrong the value head guesses.' },
    'val/clipfrac_avg': { label: 'Clipped values', meaning: 'Share of the values that the clip holds back.' },
    'val/explained_variance': {
      label: 'Explained returns',
      meaning: '1 = the value head knows what an answer will be paid; 0 = no better than the mean.',
    },
    'test/score': {
      label: 'Reward on the fixed prompts',
      meaning: 'What the likeliest answers to prompts that it never practised on are paid.',
    },
    'test/match': {
      label: 'Right on the fixed prompts',
      meaning: 'Share of those with a known answer that contain it.',
    },
    'test/length': { label: 'Length on the fixed prompts', meaning: 'Tokens of the likeliest answers.' },
    rollout_tokens_per_second: { label: 'Sampled tokens per second', meaning: 'How fast the answers are written.' },
  },

  config: {
    steps: { label: 'Steps', meaning: 'Rounds of answering, paying and learning.' },
    batch: { label: 'Answers of a step', meaning: 'More is steadier and takes longer.' },
    maxNewTokens: { label: 'Longest answer', meaning: 'In tokens; what is longer is cut and pays the penalty.' },
    learningRate: { label: 'Learning rate', meaning: 'How far an update goes. Too high and the KL runs away.' },
    klCoef: { label: 'KL coefficient', meaning: 'What straying from the start costs. 0 = nothing holds it.' },
    klTarget: {
      label: 'KL target',
      meaning: 'Nats per answer: the end of the band in the chart, and where the adaptive coefficient steers.',
    },
    samplesPerPrompt: {
      label: 'Answers per prompt',
      meaning: 'Several answers to one prompt in a step. Must divide its answers.',
    },
    temperature: { label: 'Temperature', meaning: 'How freely it practises. 1 = as the model believes.' },
    ppoEpochs: { label: 'Passes over a step', meaning: 'How often the same answers are learned from.' },
    minibatches: { label: 'Parts of a pass', meaning: 'Updates in a pass. Must divide the answers of a step.' },
    missingEosPenalty: {
      label: 'Penalty without an end',
      meaning: 'Taken from the score of an answer that is cut off.',
    },
    klHorizon: { label: 'KL horizon', meaning: 'Answers over which the adaptive coefficient may change by a fifth.' },
    stopKl: {
      label: 'End a step early at',
      meaning: 'Passes end when the step has moved the policy this far; 0 = never.',
    },
    gamma: { label: 'Gamma', meaning: 'What later reward is worth to an earlier token. 1 = as much.' },
    lambda: { label: 'Lambda', meaning: 'How far credit reaches back: 1 = to the first token, noisier.' },
    clipRange: { label: 'Clip', meaning: 'How far one step may change a token’s probability: 0.2 = by a fifth.' },
    valueClip: { label: 'Clip of the values', meaning: 'How far one step may change a value.' },
    valueCoef: { label: 'Weight of the value loss', meaning: 'Of the value head beside the policy.' },
    entropyCoef: { label: 'Entropy bonus', meaning: 'Paid for staying open. 0 = none.' },
    rewardClip: { label: 'Largest score', meaning: 'Scores are cut to plus or minus this; 0 = never.' },
    rewardWeight: { label: 'Weight of the reward model', meaning: 'Its score is multiplied by this.' },
    rank: { label: 'Rank', meaning: 'Size of the adapter, where it starts from the base.' },
    alpha: { label: 'Alpha', meaning: 'Strength of the adapter: its change is scaled by alpha over rank.' },
    warmup: { label: 'Warm-up', meaning: 'Share of the steps in which the rate rises from 0.' },
    clip: { label: 'Gradient clip', meaning: 'Largest norm of a gradient; larger ones are shortened. 0 = never.' },
    weightDecay: { label: 'Weight decay', meaning: 'Pull of the weights towards 0.' },
    testPrompts: {
      label: 'Fixed prompts',
      meaning: 'Kept for looking: answered before, during and after, never practised on.',
    },
    sampleEvery: {
      label: 'Look every',
      meaning: 'Steps between two rounds of answers to the fixed prompts; 0 = only at start and end.',
    },
    checkpointEvery: {
      label: 'Save every',
      meaning: 'Steps between two checkpoints: what a closed tab loses at most.',
    },
    memoryBudget: {
      label: 'Memory',
      meaning: 'MiB that PPO may take on the GPU; above it, layers are computed twice.',
    },
    seed: { label: 'Seed', meaning: 'Same seed, same prompts, same settings: the same adapter, bit for bit.' },
    targets: { label: 'Trained parts', meaning: 'The linear maps of each layer that get an adapter.' },
    schedule: {
      label: 'Schedule',
      meaning: 'How the rate falls after the warm-up.',
      options: { linear: 'Linear', cosine: 'Cosine', constant: 'Constant' },
    },
    rsLora: { label: 'Rank-stabilised scale (rsLoRA)', meaning: 'Scales by alpha over the root of the rank.' },
    klEstimator: {
      label: 'KL estimator',
      meaning: 'k1 is exact on average; k3 is never below 0 and less noisy.',
      options: { k1: 'k1', k3: 'k3' },
    },
    klControl: {
      label: 'KL coefficient is',
      meaning: 'Adaptive: raised while the KL is above its target, lowered below.',
      options: { fixed: 'Fixed', adaptive: 'Adaptive' },
    },
    whitenRewards: {
      label: 'Even out the rewards',
      meaning: 'Divides the rewards of a step by their spread; their mean stays.',
    },
    pauseOnAlarm: { label: 'Pause on a serious alarm', meaning: 'So that nothing is spoiled while you look away.' },
    startAdapterId: { label: 'Start', meaning: 'The policy starts here, and the KL is held against it.' },
    rewardAdapterId: { label: 'Reward model', meaning: 'Scores the answers.' },
    rules: { label: 'Rules', meaning: 'Pay what can be said in one sentence.' },
  },
};
