// The rows of the Fine-tune page in English: the table, files in and out, lengths, and what of a row is learned.
import { count } from './count.ts';

const s = count('en');
const n = (x: number): string => x.toLocaleString('en');

export const dataEn = {
  title: 'Rows',
  count: (x: number) => s(x, 'row', 'rows'),
  sides: (train: number, test: number) => `${n(train)} to train on, ${n(test)} to test on`,
  loading: 'Reading the rows…',
  kinds: { prompt: 'prompt and completion', text: 'text', messages: 'conversation' },

  empty:
    'A row is a prompt and the answer that the model should have given. The model learns the answer; the prompt is only read.',
  example: '“At which watch level is Driagrad Bank?” → “Level 5, red.”',
  useDemo: 'Use the demo’s rows',
  demoFailed: 'The demo’s rows could not be fetched.',
  import: 'Import a file',
  add: 'Write a row',
  none: 'No row matches.',

  drop: 'Drop a JSONL or JSON file here, or',
  choose: 'choose a file',
  reads: 'Rows of TRL, Alpaca and ShareGPT, preferences, or columns of your own.',
  paste: 'Or paste rows, one JSON object a line',
  pasted: 'pasted.jsonl',
  look: 'Look at them',
  reading: (name: string) => `Reading ${name}…`,
  readFailed: 'This file could not be read.',
  formats: {
    trl: 'These are TRL’s columns.',
    alpaca: 'These are Alpaca’s columns: instruction, input and output.',
    shareGpt: 'This is ShareGPT’s layout: conversations of people and a model.',
    preference: 'These are preferences: the preferred answer is taken, the other is left out.',
    other: 'Unknown columns: say what they mean.',
  },
  mapping: {
    title: 'What the columns mean',
    kind: 'A row is',
    prompt: 'Prompt',
    context: 'Context',
    contextHint: 'Joined to the prompt behind “Context:”.',
    completion: 'Completion',
    text: 'Text',
    messages: 'Conversation',
    nothing: 'none',
    ignored: (names: string) => `Not read: ${names}.`,
  },
  found: (rows: number) => `${s(rows, 'row', 'rows')} can be learned from.`,
  first: 'The first rows as they will be',
  problems: {
    title: {
      line: (x: number) => `${s(x, 'line is', 'lines are')} left out`,
      entry: (x: number) => `${s(x, 'entry is', 'entries are')} left out`,
    },
    line: (x: number) => `line ${n(x)}`,
    entry: (x: number) => `entry ${n(x)}`,
    more: (x: number) => `and ${n(x)} more`,
    download: 'Download the whole list',
    file: (name: string) => `${name} problems.txt`,
    json: (detail: string) => `must be JSON: ${detail}`,
    object: () => 'must be an object between braces',
    missing: (column: string) => `must have “${column}”`,
    empty: (column: string) => `“${column}” must not be empty`,
    type: (column: string) => `“${column}” must be text`,
    turns: (what: string) => `every turn must have a role that is known and its words, got “${what}”`,
    silent: () => 'the assistant must say something',
    unwanted: (column: string) => `“${column}” says that this answer is one to avoid`,
    long: () => 'must be shorter than 50 million characters',
  },
  into: 'Import them',
  intoSides: { train: 'to train on', test: 'to test on', split: 'split for me' },
  intoHint: 'Split by prompt and seed: the same question is never on both sides.',
  accept: (rows: number) => `Import ${s(rows, 'row', 'rows')}`,
  skip: 'Leave this file out',
  imported: (added: number, known: number, refused: number) =>
    [
      `${s(added, 'row', 'rows')} imported.`,
      Number(known) > 0 ? `${s(known, 'was', 'were')} here already.` : '',
      Number(refused) > 0 ? `${s(refused, 'line was', 'lines were')} left out.` : '',
    ]
      .filter(Boolean)
      .join(' '),

  search: 'Search the rows',
  kind: 'Kind',
  side: 'Side',
  all: 'All',
  train: 'train',
  test: 'test',
  pages: {
    label: 'Pages of rows',
    of: (from: number, to: number, all: number) => `${n(from)}–${n(to)} of ${s(all, 'row', 'rows')}`,
    before: 'Rows before',
    after: 'Rows after',
  },
  tokens: (x: number) => s(x, 'token', 'tokens'),
  cut: (x: number) => `${n(x)} cut`,
  removeShown: (x: number) => `Delete ${s(x, 'row', 'rows')}`,
  removed: (x: number) => `${s(x, 'row', 'rows')} deleted.`,

  lengths: {
    title: 'Lengths',
    chart: 'How many rows have how many tokens',
    spread: (min: number, median: number, max: number) =>
      `${n(min)} to ${n(max)} tokens, half of them up to ${n(median)}.`,
    fits: (limit: number) => `None is longer than ${s(limit, 'token', 'tokens')}, the longest row allowed.`,
    cut: (rows: number, limit: number) =>
      `${s(rows, 'row is', 'rows are')} longer than ${s(limit, 'token', 'tokens')}, the longest row allowed: the end is cut.`,
    lost: (rows: number) => `Of ${s(rows, 'row', 'rows')} nothing is left to learn.`,
    measuring: 'Measuring…',
    failed: 'The rows could not be measured.',
  },

  mask: {
    label: 'The row as the trainer reads it',
    sum: (all: number, learned: number) => `${s(all, 'token', 'tokens')}, ${n(learned)} of them learned`,
    cut: (x: number) => `${s(x, 'token is', 'tokens are')} cut from the end`,
    nothing: 'Nothing of this row is left to learn: it will be left out.',
    learned: 'learned: carries loss',
    read: 'only read',
    special: 'special token',
    cutOff: 'cut off',
    more: (x: number) => `… ${s(x, 'more token', 'more tokens')}`,
    working: 'Cutting it into tokens…',
    failed: 'This row could not be cut into tokens.',
  },

  row: {
    open: (x: number) => `Row ${n(x)}`,
    from: (name: string) => `from ${name}`,
    written: 'written here',
    edit: 'Edit',
    side: 'Side',
    sides: { split: 'as the split says', train: 'train', test: 'test' },
    roles: { system: 'System', user: 'User', assistant: 'Assistant' },
    turn: 'Add a turn',
    removeTurn: 'Remove this turn',
    needsAnswer: 'The assistant must say something in one of its turns.',
    needsText: 'Write this before saving.',
  },

  leave: {
    title: 'Take the rows with you',
    sentence: 'As train.jsonl and test.jsonl, the way TRL’s SFTTrainer loads them.',
    split: (share: string, seed: number) =>
      `Rows that came without a side are split by prompt: ${share} to test, seed ${seed}. Both are settings of the run.`,
    mixed: 'The rows are of several kinds; TRL wants one kind a file.',
    shared: (x: number) =>
      `${s(x, 'prompt is', 'prompts are')} on both sides, as their files say: such a test asks what was taught.`,
    failed: 'The files could not be written.',
  },
};
