// English words of the ways into the queue of comparisons, and of the way back for feedback.
import { count } from './count.ts';

const s = count('en');
const n = (x: number): string => x.toLocaleString('en');

export const tasksEn = {
  title: 'Add comparisons',
  lead: 'A comparison is a question with two or more answers. Whoever judges it does not see where they come from.',
  judge: 'Judge',
  ways: { label: 'Ways to add some', ask: 'From Ask', batch: 'Batch', file: 'File', written: 'By hand' },
  inQueue: (x: number) => `${s(x, 'comparison', 'comparisons')} in the queue`,
  added: (x: number) =>
    x === 0 ? 'Nothing new: all of it is in the queue.' : `${s(x, 'comparison', 'comparisons')} added.`,
  addFailed: 'This could not be added.',

  ask: {
    lead: 'Questions of this project that were answered more than once, with answers that differ.',
    none: 'Nothing to add: no question has two different answers that are not in the queue yet.',
    toAsk: 'Ask with two answers',
    add: (x: number) => `Add ${s(x, 'comparison', 'comparisons')}`,
    answers: (x: number) => s(x, 'answer', 'answers'),
    more: (x: number) => `and ${n(x)} more`,
    judge: 'Judge these answers',
  },

  batch: {
    lead: 'Many questions, each answered several times in the background. The page can be left; what is done stays.',
    prompts: 'Questions, one a line',
    promptsHint: 'Questions without passages are looked up in the documents of this project, as on Ask.',
    placeholder: 'Who leads the energy project?',
    demo: 'Take the demo’s prompts',
    asked: (x: number) => `Take the ${s(x, 'question', 'questions')} that were asked`,
    askedName: 'questions that were asked',
    drop: 'Drop a .txt or .jsonl file of prompts here, or',
    choose: 'choose a file',
    takenFrom: (name: string, x: number) => `${s(x, 'prompt', 'prompts')} from ${name}`,
    noPrompts: (name: string) => `${name} holds no prompt. Write one a line, or JSON with "prompt".`,
    refused: (name: string, x: number) => `${s(x, 'line', 'lines')} of ${name} could not be read as a prompt.`,
    drop1: (name: string) => `Leave out ${name}`,
    first: 'How many of them',
    firstHint: (x: number) => `The first of ${s(x, 'prompt', 'prompts')}.`,
    who: 'Who answers',
    model: 'Model',
    temperature: 'Temperature',
    draws: 'Answers',
    another: 'Another one',
    without: 'Leave this one out',
    length: 'Longest answer, in tokens',
    greedy: 'At temperature 0 every answer is the same: choose more, or another one to compare with.',
    few: 'At least two answers are needed to compare.',
    many: (x: number) => `At most ${n(x)} answers to a question.`,
    needsPrompts: 'Write a question, or take some.',
    needsGpu: 'Answers need WebGPU, which this browser does not have. Files and comparisons by hand work without it.',
    start: (prompts: number, answers: number) =>
      `Answer ${s(prompts, 'question', 'questions')} ${answers === 2 ? 'twice' : `${n(answers)} times`}`,
    oneRuns: 'Another batch is under way: it comes first.',
    list: 'Batches',
    of: (prompts: number, answers: number) =>
      `${s(prompts, 'question', 'questions')}, ${s(answers, 'answer', 'answers')} each`,
    running: (done: string, all: string) => `${done} of ${all}`,
    paused: (done: string, all: string) => `Paused at ${done} of ${all}`,
    done: (done: string, all: string) => (done === all ? `All ${all} done` : `Stopped at ${done} of ${all}`),
    left: (time: string) => `${time} left`,
    pausing: 'Pausing…',
    pause: 'Pause',
    resume: 'Resume',
    stop: 'Stop for good',
    remove: 'Take off the list',
    removed: 'The batch is off the list; its comparisons stay.',
    made: (x: number) => `${s(x, 'comparison', 'comparisons')} made`,
    alike: (x: number) => `${s(x, 'question', 'questions')} left out: the answers were all alike`,
    failed: (x: number) => `${s(x, 'question', 'questions')} could not be answered`,
    under: (done: string, all: string) => `Batch: ${done} of ${all}`,
    finished: (x: number) => `The batch is done: ${s(x, 'comparison', 'comparisons')} to judge.`,
    halted: 'The batch is paused.',
    otherModel: (began: string, now: string) =>
      `It began with the model ${began}, and ${now} is in use. Choose ${began} again to go on, or start a new batch.`,
    elsewhere: 'It runs in another tab.',
  },

  file: {
    lead: 'A file of questions with their answers: JSON Lines with “prompt” and “responses”, preferences of TRL, or exports of Argilla and Label Studio.',
    drop: 'Drop a .jsonl or .json file here, or',
    choose: 'choose a file',
    demo: 'Take the demo’s comparisons',
    reading: (name: string) => `Reading ${name}…`,
    readFailed: 'This file could not be read.',
    formats: {
      tasks: 'These are tasks.',
      atelier:
        'This is feedback of the studio: its questions and answers are taken. To count its judgements, drop it on Preferences.',
      trl: 'These are preferences: both answers are taken, to be judged anew.',
      argilla: 'This is an export of Argilla: its questions and answers are taken, to be judged anew.',
      labelStudio: 'This is an export of Label Studio: its questions and answers are taken, to be judged anew.',
    },
    found: (x: number) => `${s(x, 'comparison', 'comparisons')} would come.`,
    there: (x: number) => `${s(x, 'is', 'are')} in the queue already, or twice in the file.`,
    known: 'This file has been taken in before.',
    title: 'Title',
    returnTo: 'Feedback goes to',
    guidelines: 'What is asked',
    first: 'The first of them',
    answer: (x: number) => `Answer ${n(x)}`,
    problems: {
      line: (x: number) => `${s(x, 'line is', 'lines are')} left out`,
      entry: (x: number) => `${s(x, 'entry is', 'entries are')} left out`,
    },
    line: (x: number) => `line ${n(x)}`,
    entry: (x: number) => `entry ${n(x)}`,
    more: (x: number) => `and ${n(x)} more`,
    accept: (x: number) => `Add ${s(x, 'comparison', 'comparisons')}`,
    skip: 'Leave it',
    imported: (added: number, known: number, refused: number) =>
      [
        added === 0 ? 'Nothing new' : `${s(added, 'comparison', 'comparisons')} added`,
        known > 0 ? `${n(known)} there already` : '',
        refused > 0 ? `${s(refused, 'line', 'lines')} left out` : '',
      ]
        .filter(Boolean)
        .join(', ') + '.',
  },

  written: {
    lead: 'One question and the answers to it, written here.',
    question: 'Question',
    passages: 'Passages',
    passagesHint: 'May stay empty. A blank line stands between two passages.',
    answer: (x: number) => `Answer ${n(x)}`,
    another: 'Another answer',
    without: (x: number) => `Leave out answer ${n(x)}`,
    add: 'Add the comparison',
    needsQuestion: 'Write the question.',
    needsAnswers: 'Write at least two answers.',
    alike: 'Two answers are the same: change one.',
  },

  link: {
    fetching: (path: string) => `Fetching ${path}…`,
    reading: 'Reading the comparisons…',
    failed: 'The comparisons of this link could not be opened.',
    foreign: (path: string) =>
      `Comparisons are opened from this site alone, and ${path} is not on it. Download the file and drop it here.`,
    unreachable: (path: string) => `${path} could not be fetched. Check the connection, then try again.`,
    refused: (path: string, status: number) =>
      `${path} is not there: the site answered ${status}. Ask whoever gave you the link.`,
    empty: (path: string, problem: string) =>
      `${path} holds nothing to judge. ${problem || 'Ask whoever gave you the link.'}`,
    again: 'Try again',
    otherwise: 'Choose a file instead',
  },

  back: {
    title: 'Send back',
    lead: 'Your feedback on each file of comparisons, as a file of its own. Nothing is sent by itself.',
    everything: 'Everything I judged here',
    save: 'Save everything',
    holds: (name: string, judged: number, skipped: number) =>
      `${name} holds ${s(judged, 'judgement', 'judgements')}${skipped > 0 ? ` and ${n(skipped)} skipped` : ''}.`,
    empty: 'Nothing to send back yet: judge a comparison first.',
    share: 'Share',
    download: 'Download',
    to: (title: string) => `“${title}” asks for it at`,
    failed: 'The file could not be made.',
    notShared: 'This device could not share the file. It was downloaded instead.',
    downloaded: (name: string) => `${name} is in your downloads.`,
  },
};
