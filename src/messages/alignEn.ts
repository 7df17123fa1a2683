// Alignment by PPO in English: its page, and what raises an alarm.
import { alignSettingsEn } from './alignSettingsEn.ts';
import { count } from './count.ts';

const s = count('en');

export const alignEn = {
  lead: 'PPO lets the model practise: it answers your prompts, each answer is paid, and what was paid well becomes more likely.',
  tabs: { label: 'Parts of this page', prompts: 'Prompts', settings: 'Reward and settings', runs: 'Runs' },
  start: (prompts: number) => `Align with ${s(prompts, 'prompt', 'prompts')}`,
  startFailed: 'The run could not be started.',
  runName: (model: string, n: number) => `${model}, alignment ${n}`,
  missing: {
    prompts: 'Add prompts to practise on',
    reward: 'Choose a reward model or add a rule',
    rule: (n: string) => `Finish rule ${n} first`,
    weight: 'Give something a weight: nothing is paid',
    wrong: (field: string) => `Correct “${field}” first`,
    gate: 'Read the warning about the reward model first',
    gpu: 'PPO needs WebGPU: see what would help',
    show: 'Show the run',
    running: 'A run of another project is training: show it',
  },

  prompts: {
    title: 'Prompts',
    lead: 'Questions, with their passages where they have some. The model practises on them; nobody needs to have answered them.',
    empty: 'No prompts yet',
    emptyText:
      'PPO needs questions rather than right answers: the model answers by itself and is paid for what it says. One line of a prompts.jsonl looks like this:',
    useDemo: 'Use the demo’s prompts',
    addFile: 'Add prompts.jsonl',
    drop: 'Drop a prompts.jsonl here, or',
    choose: 'choose a file',
    example:
      '{"prompt":"Who leads the Bern office?\\n\\nContext:\\n[1] Mara Voss leads the office in Bern.","answer":"Mara Voss"}',
    take: 'Take from this project',
    from: {
      preferences: (n: number) => `Preferences (${s(n, 'prompt', 'prompts')})`,
      demonstrations: (n: number) => `Demonstrations (${s(n, 'prompt', 'prompts')})`,
      asked: (n: number) => `Questions asked (${s(n, 'prompt', 'prompts')})`,
    },
    sources: { preferences: 'preferences', demonstrations: 'demonstrations', asked: 'asked' },
    count: (n: number) => s(n, 'prompt', 'prompts'),
    withAnswer: (n: string) => `${n} with a known answer`,
    withAnswerHint:
      'A known answer is never shown to the model. It lets the rule “Right answer” pay, and the fixed prompts be counted as right or wrong.',
    search: 'Search the prompts',
    found: (found: string, all: string) => `${found} of ${all}`,
    nothingFound: 'No prompt has these words.',
    passages: (n: number) => s(n, 'passage', 'passages'),
    answer: (answer: string) => `Answer: ${answer}`,
    more: (n: string) => `Show ${n} more`,
    remove: (question: string) => `Remove “${question}”`,
    removed: (n: number) => `Removed ${s(n, 'prompt', 'prompts')}.`,
    removeAll: 'Remove all',
    removeFound: (n: string) => `Remove these ${n}`,
    added: (n: number, known: number) =>
      n === 0 && known === 0
        ? 'No prompts in it.'
        : `Added ${s(n, 'prompt', 'prompts')}.${known > 0 ? ` ${s(known, 'was', 'were')} there already.` : ''}`,
    problems: (n: number) => `${s(n, 'line', 'lines')} could not be read`,
    problem: (line: string, problem: string) => `Line ${line}: ${problem}`,
    failed: 'The prompts could not be added.',
    removeFailed: 'The prompts could not be removed.',
    loading: 'Reading the prompts…',
  },

  from: {
    title: 'Where it starts',
    label: 'The policy starts from',
    base: (model: string) => `${model}, as it is`,
    hint: 'The policy is the model that practises. It is held near where it starts: straying from there is what the KL measures.',
    gone: 'The chosen adapter is gone. Choose another start.',
  },

  reward: {
    title: 'What is paid',
    lead: 'A reward model pays what your annotators would choose; a rule pays what you can say in one sentence. One of the two is needed, both can add up.',
    model: 'Reward model',
    none: 'None: rules alone',
    noModels: 'This project has no reward model yet.',
    train: 'Train one',
    gate: {
      unproven:
        'It is not proven that this reward model agrees with people better than chance: PPO would then learn its mistakes.',
      lengthAlone:
        'Nothing shows that this reward model is better than “the longer answer is better”: PPO might then learn to write at length.',
      unmeasured:
        'This reward model has not been measured on pairs that it was not trained on: nobody knows what PPO would learn from it.',
    },
    agrees: (accuracy: string, from: string, to: string, n: string) =>
      `On ${n} unseen pairs it chooses as people did in ${accuracy} (between ${from} and ${to}).`,
    matched: (accuracy: string, n: string) => `Where both answers are about as long (${n}): ${accuracy}.`,
    longer: (accuracy: string) => `Always choosing the longer answer: ${accuracy}.`,
    passed: 'It has passed its test.',
    anyway: 'I know, and go on with it',
    see: 'See its test',
    gone: 'The chosen reward model is gone: the rules alone pay.',
  },

  rules: {
    title: 'Rules',
    none: 'No rule yet. Rules are exact, cheap, and pay the same for everyone; a model will find every hole in them.',
    add: 'Add a rule',
    full: (n: string) => `No more than ${n} rules.`,
    weight: 'Weight',
    weightHint: 'What a full 1 is worth. Below 0 it costs.',
    remove: (rule: string) => `Remove the rule “${rule}”`,
    number: (n: string) => `Rule ${n}`,
    kinds: {
      contains: { label: 'Contains', meaning: '1 when the answer has these words, 0 when it has not.' },
      regex: { label: 'Pattern', meaning: '1 when the regular expression finds something in the answer, else 0.' },
      length: {
        label: 'Length',
        meaning: '1 at this many words, less with every word beside it, 0 from the tolerance on.',
      },
      sentence: {
        label: 'Whole sentence',
        meaning: '1 when it begins with a capital, ends with a stop and has at least four words.',
      },
      cites: { label: 'Cites', meaning: '1 when the answer names a source “[n]” that the prompt has.' },
      grounded: {
        label: 'Grounded',
        meaning: 'The share of its words of content that stand in the prompt’s passages.',
      },
      language: { label: 'Language', meaning: '1 when the answer is in this language.' },
      answer: {
        label: 'Right answer',
        meaning: '1 when the known answer of the prompt stands in it; prompts without one give 0.',
      },
    },
    text: 'Words',
    pattern: 'Regular expression',
    target: 'Words',
    tolerance: 'Tolerance',
    targetMeaning: 'Of the ideal answer.',
    toleranceMeaning: 'Words beside it, more or fewer.',
    removed: (rule: string) => `Removed the rule “${rule}”.`,
    language: 'Language',
    languages: { en: 'English', fr: 'French', same: 'That of the question' },
    empty: 'Write what it looks for.',
    badPattern: (problem: string) => `This is no regular expression: ${problem}`,
    slowPattern: 'It repeats what repeats in itself, and may search for years: repeat single signs.',
    noAnswers: 'None of the prompts has a known answer: this rule will give 0 to all.',
    someAnswers: (n: string, all: string) => `${n} of ${all} prompts have a known answer; the others get 0.`,
  },

  tryOut: {
    title: 'Try the rules',
    lead: 'What would this answer be paid? Change it and see.',
    prompt: 'Prompt',
    ofProject: 'One of the prompts',
    answer: 'Answer to try',
    placeholder: 'Write an answer as the model might',
    known: (answer: string) => `Known answer: ${answer}`,
    useKnown: 'Try the known answer',
    total: 'Total',
    value: (rule: string, value: string) => `${rule}: ${value}`,
    times: (value: string, weight: string, paid: string) => `${value} × ${weight} = ${paid}`,
    nothing: 'Write an answer to see what each rule gives it.',
    sum: 'The sum of the rules. What a reward model pays, and the penalty for an answer without an end, come on top.',
  },

  settings: 'Settings',
  preset: 'Preset',
  presets: {
    careful: {
      label: 'Careful',
      meaning: 'Half the rate and twice the pull to the start: little changes, little breaks.',
    },
    balanced: { label: 'Balanced', meaning: 'The rate that suits this model: a good first try.' },
    bold: {
      label: 'Bold',
      meaning: 'Twice the rate, half the pull, more steps: for a reward that cannot be cheated. Watch the KL.',
    },
  },
  own: 'Own settings: no preset',
  advanced: 'Advanced settings',
  range: (min: string, max: string) => `${min} to ${max}`,
  outside: (range: string, whole: boolean) => `Type a ${whole ? 'whole ' : ''}number, ${range}.`,
  notDivides: (batch: string) => `It must divide the ${batch} answers of a step: use a divisor.`,
  targetsMissing: 'Choose at least one.',

  forecast: {
    title: 'Before it starts',
    asking: 'Working out memory and time…',
    prompts: (train: string, test: string) => `${train} to practise on, ${test} kept for looking.`,
    answers: (answers: string, steps: string) => `${answers} answers in ${steps} steps.`,
    tooLong: (n: number) => `${s(n, 'prompt is', 'prompts are')} too long for this model and will be left out.`,
    memory: 'Memory',
    memoryOf: (bytes: string, budget: string) => `${bytes} of ${budget}`,
    recomputed: (n: number, all: number) =>
      `${n} of ${s(all, 'layer is', 'layers are')} computed twice to save memory, which takes longer.`,
    about: (all: string) => `About ${all} on this GPU`,
    step: (time: string) => `${time} a step`,
    problem: 'It cannot start like this.',
    waiting: 'The forecast comes when there are prompts and something that is paid.',
  },

  runs: {
    title: 'Runs',
    live: 'Under way',
    newest: 'The newest run',
    none: 'No alignment yet. Reward and KL appear here, on one time axis, with the first step.',
    whole: 'See the whole run',
    others: 'Alignments of this project',
    leaves: (name: string) => `It leaves the adapter “${name}”, which PEFT loads as it is.`,
    ask: 'Ask with it',
    export: 'Take it with you (PEFT)',
  },

  /** `value` and `limit` are written numbers. */
  alarm: {
    klNegative: (value: string, limit: string) =>
      `The KL is ${value}, below ${limit}: answers are no longer sampled from what is trained, and the figures cannot be trusted.`,
    klRunaway: (value: string, limit: string) =>
      `The KL is ${value}, above ${limit}: the policy runs away from where it started. Raise the KL coefficient or lower the rate.`,
    ratioOff: (value: string, limit: string) =>
      `Before the first update the ratio strays from 1 by ${value} (allowed: ${limit}): sampling and training disagree on this device.`,
    entropyCollapse: (value: string, limit: string) =>
      `The entropy is down to ${value} (limit: ${limit}): the model says almost the same to everything. Raise the entropy bonus or the KL coefficient.`,
    eosRate: (value: string, limit: string) =>
      `Only ${value} of the answers end by themselves (limit: ${limit}). Allow longer answers, or raise the penalty for an answer without an end.`,
    lengthDrift: (value: string, limit: string) =>
      `The answers are ${value} times as long as at the start (limit: ${limit}): look whether length is what is paid.`,
    repetition: (value: string, limit: string) =>
      `${value} of what is said repeats itself (limit: ${limit}): look at the answers before you believe the reward.`,
    valueUseless: (value: string, limit: string) =>
      `The value head explains ${value} of the returns (limit: ${limit}): it guesses worse than the mean. Give it time, or raise its weight.`,
    drift: (value: string, limit: string) =>
      `Sampling and training differ by ${value} per token (limit: ${limit}): the update learns from something else than what was said.`,
    matchFalls: (value: string, limit: string) =>
      `The reward goes up, but right answers are down to ${value} (limit: ${limit}): the policy has found a hole in the reward.`,
  },

  ...alignSettingsEn,
};
