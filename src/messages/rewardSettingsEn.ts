// English words of the settings of a reward model.
export const rewardSettingsEn = {
  config: {
    steps: { label: 'Steps', meaning: 'Updates of the adapter; 0 = as many as the epochs take.' },
    epochs: { label: 'Epochs', meaning: 'Passes over all training pairs; counts when steps is 0.' },
    batch: { label: 'Batch', meaning: 'Pairs read at once. More is steadier and takes more memory.' },
    learningRate: { label: 'Learning rate', meaning: 'How far a step goes. Too high and it forgets what it reads.' },
    rank: { label: 'Rank', meaning: 'Size of the adapter: what it can learn, and how large its file is.' },
    alpha: { label: 'Alpha', meaning: 'Strength of the adapter: its change is scaled by alpha over rank.' },
    headRate: { label: 'Rate of the head', meaning: 'Times the learning rate: the score head begins at zero.' },
    dropout: { label: 'Dropout', meaning: 'Share of the adapter’s inputs left out at random, against memorising.' },
    centering: {
      label: 'Centring',
      meaning: 'Pull of the scores towards zero, so that they stay comparable; 0 = none.',
    },
    maxLength: { label: 'Longest text', meaning: 'Prompt and answer in tokens; a pair with a longer one is left out.' },
    warmup: { label: 'Warm-up', meaning: 'Share of the steps in which the rate rises from 0.' },
    clip: { label: 'Gradient clip', meaning: 'Largest norm of a gradient; larger ones are shortened. 0 = never.' },
    weightDecay: { label: 'Weight decay', meaning: 'Pull of the weights towards 0.' },
    testShare: { label: 'Share of tests', meaning: 'Of the questions, how many are kept for the test.' },
    evalEvery: { label: 'Test every', meaning: 'Steps between two tests; 0 = only at the start and the end.' },
    checkpointEvery: {
      label: 'Save every',
      meaning: 'Steps between two checkpoints: what a closed tab loses at most.',
    },
    memoryBudget: {
      label: 'Memory',
      meaning: 'MiB that training may take on the GPU; above it, layers are computed twice.',
    },
    seed: { label: 'Seed', meaning: 'Same seed, same pairs, same settings: the same model, bit for bit.' },
    targets: { label: 'Trained parts', meaning: 'The linear maps of each layer that get an adapter.' },
    schedule: {
      label: 'Schedule',
      meaning: 'How the rate falls after the warm-up.',
      options: { linear: 'Linear', cosine: 'Cosine', constant: 'Constant' },
    },
    rsLora: { label: 'Rank-stabilised scale (rsLoRA)', meaning: 'Scales by alpha over the root of the rank.' },
    useMargin: {
      label: 'Heed how much better',
      meaning: 'A preference given with strength must win by that much.',
    },
  },
};
