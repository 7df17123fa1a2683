// English words of reward models.
import { count } from './count.ts';
import { rewardSettingsEn } from './rewardSettingsEn.ts';

const s = count('en');

export const rewardEn = {
  lead: 'A reward model learns from preferences which of two answers people would choose.',
  start: (pairs: number) => `Train the reward model on ${s(pairs, 'pair', 'pairs')}`,
  startPlain: 'Train the reward model',
  startFailed: 'The training could not be started.',
  tabs: { label: 'Parts of this page', quality: 'Verdict', train: 'Train', score: 'Score' },
  missing: {
    pairs: 'Merge preferences first',
    gpu: 'Training needs WebGPU: see what would help',
    show: 'Show the run',
    running: 'A run of another project is training: show it',
    wrong: (field: string) => `Correct “${field}” first`,
  },

  empty:
    'People said which of two answers is better. A reward model learns from those pairs to give any answer a score: the better one should get the higher. It then pays the model that practises, and finds the comparisons that are most worth judging.',
  example: '“Who leads Stuac?” · chosen: “Stuac is led by Karim Krais [1].” · rejected: “David Zurtford.”',
  useDemo: 'Use the demo’s preferences',
  demoFailed: 'The demo’s preferences could not be loaded.',
  demoTaken: (n: number) => `${s(n, 'preference', 'preferences')} merged from the demo’s file.`,
  toMerge: 'Merge your own',

  rows: {
    title: 'What it learns from',
    reading: 'Reading the preferences…',
    sides: (train: string, test: string) => `${train} to train on, ${test} kept for the test.`,
    pairs: (n: number) => s(n, 'pair', 'pairs'),
    questions: (n: number) =>
      `${s(n, 'question', 'questions')}; pairs of the same question are always on the same side.`,
    excluded: (n: number) => `${s(n, 'row', 'rows')} left out by hand.`,
    tooLong: (n: number) => `${s(n, 'pair is', 'pairs are')} too long and will be left out.`,
    longer: (share: string, range: string) => `The longer answer was chosen in ${share} (${range}).`,
    even: 'Both answers of every pair are equally long.',
    tells:
      'Length alone would explain many of these choices: the model may learn “longer is better”. Look at the test on pairs of equal length before you trust it.',
    noTest: 'No pair is kept for the test: you will not learn whether it agrees with people. Raise “Share of tests”.',
    table: 'See the rows',
    rowsChanged: 'The preferences were merged anew since this model was trained.',
  },

  settings: 'Settings',
  reset: 'Back to the defaults',

  forecast: {
    title: 'Before it starts',
    asking: 'Working out memory and time…',
    memory: 'Memory',
    memoryOf: (bytes: string, budget: string) => `${bytes} of ${budget}`,
    steps: (steps: string) => `${steps} steps`,
    about: (all: string) => `about ${all} on this GPU`,
    step: (time: string) => `${time} a step`,
    recomputed: (n: number, all: number) =>
      `${n} of ${s(all, 'layer is', 'layers are')} computed twice to save memory, which takes longer.`,
    problem: 'It cannot start like this.',
  },

  runs: { title: 'Runs' },

  models: {
    title: 'Reward models',
    none: 'No reward model yet. Once one is trained, the verdict on it stands here: whether it agrees with people on pairs that it has never seen.',
    use: 'In use',
    useHint: 'Scores the queue and the texts below, and is offered in Align.',
    choose: (name: string) => `Use “${name}”`,
    made: (date: string, size: string) => `${date} · ${size}`,
    agrees: (share: string) => `agrees ${share}`,
    unmeasured: 'not measured',
    run: 'Its run',
    exportName: (name: string) => `Take “${name}” with you`,
    delete: (name: string) => `Delete “${name}”`,
    align: 'Use it in Align',
  },

  verdict: {
    title: 'Does it agree with people?',
    agrees: (share: string, pairs: number, range: string) =>
      `Agrees with people on ${share} of ${s(pairs, 'unseen pair', 'unseen pairs')} (${range})`,
    gates: {
      passed: 'Passed: better than chance and better than “the longer one”, even among pairs of equal length.',
      unproven:
        'Unproven: on so few pairs it is not told apart from chance. Train on more pairs, or longer, before you let it pay anyone.',
      lengthAlone:
        'Length alone explains the labels about as well: nothing shows that it is better than “the longer one is better”. A policy that it pays might learn to write at length.',
    },
    unmeasured:
      'This reward model was never measured: it was brought from elsewhere, stopped before its test, or no pair was kept for one. Nobody knows whether it agrees with people.',
    trained: (n: number) => `Trained on ${s(n, 'pair', 'pairs')}.`,
    model: 'This model',
    matched: 'Equal length',
    longer: 'Longer wins',
    first: 'First in the alphabet',
    half: '50%',
    matchedSentence: (share: string, pairs: number, range: string) =>
      `Where both answers are about as long (${s(pairs, 'pair', 'pairs')}), it agrees on ${share} (${range}).`,
    matchedNone: 'No test pair has two answers of about the same length: what length does cannot be told apart.',
    note: 'Whiskers are 95% intervals that redraw whole questions, since pairs of one question go together.',
    interval: (share: string, low: string, high: string) => `${share}, 95% interval ${low} to ${high}`,
    range: (low: string, high: string) => `${low}–${high}`,
    unknown: '–',

    margins: 'How far apart it puts them',
    marginsHint: 'Score of the chosen answer minus that of the rejected; left of the line it is wrong.',
    marginsLabel: (right: number, wrong: number) => `${right} pairs right of zero, ${wrong} left of it`,
    calibration: 'Is it as sure as it is right?',
    calibrationHint:
      'Where it is this sure of the answer that it prefers, how often people chose that one. Good: both numbers are alike.',
    calibrationRow: (range: string) => `${range}% sure`,
    calibrationText: (right: string, n: number) => `chosen in ${right} of ${s(n, 'pair', 'pairs')}`,
    length: 'Does it pay for length?',
    lengths: {
      none: (r: string) => `No: longer answers get no other scores (correlation ${r}).`,
      some: (r: string) => `A little: longer answers get somewhat higher scores (correlation ${r}).`,
      strong: (r: string) => `Yes: longer answers get clearly higher scores (correlation ${r}).`,
      shorter: (r: string) => `It prefers short answers (correlation ${r}).`,
      unknown: 'Not to be told: all answers are equally long, or all scores the same.',
    },
    scatterLabel: (r: string) => `Tokens and scores of the test answers, correlation ${r}`,
    scatterX: 'tokens',
    scatterY: 'score',
    scatterChosen: 'chosen',
    scatterRejected: 'rejected',

    worst: 'Where it is most wrong',
    worstNone: 'It puts every chosen answer above the rejected one.',
    worstHint:
      'It scores the rejected answer higher. Either it has not understood, or the judgement is worth another look.',
    scoresOf: (chosen: string, rejected: string) => `chosen ${chosen}, rejected ${rejected}`,
    chosen: 'Chosen',
    rejected: 'Rejected',
    openRow: (question: string) => `Both answers to “${question}”`,
    prompt: 'The prompt, as the model reads it',
  },

  trial: {
    title: 'Score an answer',
    lead: 'Write a question and an answer, or two to compare.',
    prompt: 'Question, with its passages where it has some',
    answers: ['Answer', 'Another answer (optional)'] as readonly string[],
    score: 'Score',
    scored: (score: string) => `Score ${score}`,
    places: {
      low: (z: string) => `far below most answers that it was trained on (${z} standard deviations)`,
      below: (z: string) => `below the mean of the answers that it was trained on (${z} standard deviations)`,
      middle: (z: string) => `near the mean of the answers that it was trained on (${z} standard deviations)`,
      above: (z: string) => `above the mean of the answers that it was trained on (${z} standard deviations)`,
      high: (z: string) => `far above most answers that it was trained on (${z} standard deviations)`,
    },
    axis: (z: string) => `${z} standard deviations from the mean`,
    better: (name: string, share: string) => `It would choose “${name}”, and is ${share} sure.`,
    even: 'It finds both equally good.',
    tooLong: 'Too long for this model: no score.',
    missing: 'Write an answer first.',
    failed: 'It could not be scored.',
    noModel: 'Train a reward model, and any answer can be scored here.',
  },

  queue: {
    title: 'Score the queue',
    lead: 'With scores, Annotate can bring first what teaches most: pairs whose answers the model finds almost equally good.',
    run: (n: number) => `Score ${s(n, 'comparison', 'comparisons')}`,
    none: 'This project has no comparisons. Add some in Annotate.',
    add: 'Add comparisons',
    all: (name: string, date: string) => `All comparisons were scored by “${name}” (${date}).`,
    some: (name: string, n: number) =>
      `Scored by “${name}”; ${s(n, 'comparison is', 'comparisons are')} still without.`,
    other: (name: string) =>
      `The scores that are there come from “${name}”. Scoring replaces them: two models have two scales.`,
    gone: (name: string) =>
      `The scores that are there come from “${name}”, which is no longer here. Scoring replaces them.`,
    files: 'The scores that are there came with files.',
    tooLong: (n: number) =>
      `${s(n, 'comparison has', 'comparisons have')} an answer that is too long, and got no score.`,
    working: (done: string, total: string) => `Scored ${done} of ${total}`,
    stop: 'Stop',
    stopping: 'Stopping after this part…',
    done: (n: number) => `${s(n, 'answer', 'answers')} scored.`,
    failed: 'The queue could not be scored.',
    annotate: 'Judge the most informative first',
    gate: 'It has not passed its test: its scores may say little.',
  },

  ...rewardSettingsEn,
};
