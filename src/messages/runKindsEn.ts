// What the pages of runs say of reward models and of alignment, in English.
import { count } from './count.ts';

const s = count('en');

export const runKindsEn = {
  all: 'All',
  label: 'Kind',
  names: { sft: 'fine-tuning', reward: 'reward model', ppo: 'alignment' },
  lead: {
    sft: 'One training run: what it learns, what it costs, what it answers.',
    reward: 'One reward model: how it learns which of two answers people would choose.',
    ppo: 'One alignment: what the answers are paid, and how far the policy goes from its start.',
  },
  used: {
    sft: (train: number, test: number) => `${s(train, 'row', 'rows')} to train, ${test} to test`,
    reward: (train: number, test: number) => `${s(train, 'pair', 'pairs')} to train, ${test} unseen`,
    ppo: (train: number, test: number) => `${s(train, 'prompt', 'prompts')} to practise, ${test} fixed`,
  },
  tested: {
    reward: (loss: string, accuracy: string) =>
      `Tested on unseen pairs: chooses as people did in ${accuracy}, loss ${loss}.`,
    ppo: (score: string, right: string) => `The fixed prompts: paid ${score}${right && `, right answers ${right}`}.`,
  },

  choices: 'Chooses as people did',
  choicesHint:
    'Share of the pairs in which the answer that people chose gets the higher score. At the dashed line it guesses.',
  lossHint:
    'Lower is better; 0.693 is guessing. Where the test line turns up while training still falls, it memorises.',
  margin: 'Chosen over rejected',
  testMargin: 'The same on unseen pairs',
  meanScore: 'Mean score, unseen answers',
  trust: 'How far it can be trusted',

  reward: 'Reward',
  rewardSeries: 'reward',
  spreadAbove: 'reward plus its spread',
  spreadBelow: 'reward less its spread',
  fixedSeries: 'fixed prompts',
  kl: 'KL from the start, nats per answer',
  klSeries: 'KL',
  klHint: (target: string) =>
    `The reward should rise while the KL stays in its band, up to ${target}. Far above it, the policy has left what it knew.`,
  alarms: 'Alarms',
  alarmsNone: 'No alarm so far.',
  serious: 'serious',
  notice: 'to look at',

  practice: 'What it practised with',
  practiceNone: 'The first answers come with the first step.',
  step: 'Step',
  newest: 'Newest step',
  colour: 'Tokens show',
  colours: { logRatios: 'change from the start', advantages: 'credit' },
  colourHint: {
    logRatios:
      'How much likelier (solid line) or less likely (dashed line) the policy says a token than where it started.',
    advantages: 'What the update makes likelier (solid line) or less likely (dashed line), by what it was paid.',
  },
  tokenKeys: 'Token by token with ← and →',
  token: (text: string, value: string) => `“${text}”: ${value}`,
  tokens: 'Tokens of the answer',
  score: 'Score',
  byModel: 'Reward model',
  klOf: (kl: string) => `KL ${kl}`,
  notEnded: 'cut off',
  paid: (score: string) => `paid ${score}`,
  fixed: 'The fixed prompts, before and now',
  contains: 'has the answer',
  lacks: 'without the answer',
  known: 'Known answer',
  more: (n: number) => `Show ${s(n, 'more prompt', 'more prompts')}`,

  next: {
    trust: 'See how far to trust it',
    align: 'Align with it',
    ask: 'Ask with it',
    compare: 'Let people compare its answers',
    evaluate: 'Evaluate it',
  },

  monitor: {
    chooseKind: 'Choose one kind to draw its runs over each other.',
    overlay: {
      sft: ['Test loss of the chosen runs', 'Training loss of the chosen runs'],
      reward: ['Test loss of the chosen reward models', 'Training loss of the chosen reward models'],
      ppo: ['Reward of the chosen alignments', 'KL of the chosen alignments'],
    },
    which: { sft: ['Test', 'Training'], reward: ['Test', 'Training'], ppo: ['Reward', 'KL'] },
    course: { sft: 'training loss', reward: 'share of unseen pairs', ppo: 'reward' },
    result: {
      sft: (loss: string) => `loss ${loss}`,
      reward: (accuracy: string) => `${accuracy} of unseen pairs`,
      ppo: (reward: string, kl: string) => `reward ${reward}, KL ${kl}`,
    },
  },

  lesson: {
    title: 'Watch a model take to what is paid',
    lead: 'The same very small model practises answering. Rules pay: whole sentences, that name their source, that are right. Nobody shows it an answer: it finds out what pays. On this device, in this tab.',
    go: 'Prefer full sentences (PPO)',
    again: 'Practise once more',
    runName: (n: number) => `Practice ${n}`,
    textName: 'Practice texts',
    watch: (steps: string, answers: string) =>
      `${steps} steps of ${answers} answers each. The reward is what the rules pay; the KL is how far the model has gone from where it started.`,
    share: 'Whole sentences, of the answers to the fixed questions',
    shareWaiting: 'counted when they are asked again',
    questions: 'The same questions before and now, never practised on',
    sentence: 'whole sentence',
    noSentence: 'no whole sentence',
    keyGo: 'Practise, or pause and resume',
    other: 'Teach it facts (fine-tuning)',
    showOther: 'Show the practice (PPO)',
  },
};
