// The Ask page in English.
import { count } from './count.ts';

const s = count('en');

export const askEn = {
  lead: 'The answer is written from the passages of your texts that match the question best. Check it against them.',
  question: 'Your question',
  placeholder: 'Ask something that your texts answer…',
  send: 'Ask',
  findOnly: 'Find passages',
  stop: 'Stop',
  keyStop: 'Stop the answer',
  keyQuestion: 'Write a question',
  enterHint: 'Enter asks, Shift + Enter starts a new line.',
  two: 'Two answers',
  twoHint: (temperature: string) =>
    `Two answers need chance: they are drawn with temperature ${temperature} and two seeds.`,
  examples: 'Questions to try',
  moreExamples: 'More questions',

  texts: 'Texts',
  asked: (n: number, all: number) =>
    n === all
      ? `Asking ${all === 1 ? 'the one text' : `all ${all} texts`}`
      : `Asking ${n} of ${s(all, 'text', 'texts')}`,
  all: 'All',
  none: 'None',
  noneTicked: 'Tick at least one text to ask about.',
  empty: 'Bring a text, ask about it, and read the answer beside the sentences it comes from.',
  emptyTitle: 'First a text',
  drop: 'Drop .txt or .md files here, or',
  choose: 'choose files',
  paste: 'or paste a text',
  pastePlaceholder: 'Paste a text here…',
  pasteSave: 'Keep this text',
  keptText: (name: string) => `“${name}” is now a document of this project.`,
  useDemo: 'Open the demo project',

  settings: 'Settings',
  reset: 'Back to the defaults',
  range: (min: string, max: string) => `${min} to ${max}`,
  passagesPerPrompt: { label: 'Passages', meaning: 'How many passages go into the prompt.' },
  sentencesPerPassage: { label: 'Sentences per passage', meaning: 'How long a passage may be.' },
  bestFor: (model: string, n: number) => `${model} works best with ${n}.`,

  steps: {
    search: 'Looking for passages',
    load: 'Preparing the model',
    prompt: 'Writing the prompt',
    answer: 'Answering',
    keep: 'Keeping the answer',
  },
  stopping: 'Stopping…',
  stoppedBefore: 'Stopped before an answer began.',
  failed: 'The answer could not be finished.',
  noGpu:
    'These are the passages for your question. To have them answered, open the studio where WebGPU works: a current Chrome or Edge, Safari 26, or Firefox on Windows or Mac; on Linux, Chrome may need WebGPU switched on.',
  noGpuCheck: 'What is missing here',
  editQuestion: 'Edit and ask again',
  tryAgain: 'Try again',
  recovered: 'The GPU was reset while this was answered; the answer was computed again.',
  notMatched: 'No word of the question occurs in your texts. These are their first passages.',

  answer: 'Answer',
  answerN: (n: number) => `Answer ${n}`,
  nothing: 'The model ended without a word.',
  again: 'Another answer',
  againHint: 'The same prompt with the next seed.',
  mayBeWrong: 'can be wrong',
  figures: (tokens: number, perSecond: string, first: string) =>
    `${s(tokens, 'token', 'tokens')} · ${perSecond} tokens/s · first after ${first}`,
  figuresLive: (perSecond: string) => `${perSecond} tokens/s`,
  settingsUsed: (temperature: string, seed: number) => `temperature ${temperature}, seed ${seed}`,
  finish: {
    length: 'cut at its longest length',
    cancelled: 'stopped by you',
    error: 'broken off by an error',
  } as Record<string, string>,
  same: 'These answers are the same, word for word. A higher temperature makes them differ more.',
  closest: 'Closest sentence in your texts',
  closestNone: 'No sentence of your texts matches this answer.',
  closestHint: 'marked: words that it shares with the answer',
  unsupported: 'underlined: not in the passages',
  unsupportedWord: 'This word is in none of the passages.',
  cites: (n: number) => `Passage ${n}`,
  citesNothing: (n: number) => `There is no passage ${n}: the model invented it.`,

  passages: 'Passages in the prompt',
  passagesFound: 'Passages found',
  passage: (n: number) => `Passage ${n}`,
  from: (name: string) => `Read in “${name}”`,

  prompt: 'Show the prompt',
  promptLabel: 'The prompt, token by token',
  promptUse: (used: number, all: number) => `${used} of ${all} tokens of the context`,
  promptCut: (n: number) =>
    n === 0 ? 'Nothing was cut from the passages.' : `${s(n, 'token', 'tokens')} cut from the end of the passages.`,
  promptHover: 'Each tint is one token; hold the pointer over it for its number.',

  history: 'Earlier questions',
  historyAnswers: (n: number) => s(n, 'answer', 'answers'),
  delete: (question: string) => `Delete “${question}” and its answers`,
  deleted: 'Question and answers deleted.',
  missing: 'This question is not in the open project. It may have been deleted, or belong to another project.',
  missingBack: 'All questions',
  running: 'An answer is being written.',
  show: 'Show it',
};
