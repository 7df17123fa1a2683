// Makes datasets/feedback.jsonl: what three invented people say about 60 pairs of answers, by a rule with seeded noise.
//   node tools/datasets/feedback.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../datasets/', import.meta.url);
const START = Date.UTC(2026, 2, 9, 9, 0, 0);
const PREFERENCES = 20; // every 10th row of the first session of dataset_rlhf.jsonl, beside all tasks
const FIRST_SESSION = 200;
const SHARED_EVERY = 5; // of five pairs, two are judged by all three people
const REPEATS = 12;

/** noise: how far they stray from the rule. left: how much more they like the answer on the left. */
const PEOPLE = [
  { name: 'Amina', noise: 0.25, left: 0, pace: 14 },
  { name: 'Basile', noise: 0.35, left: 0.22, pace: 9 },
  { name: 'Chloé', noise: 0.6, left: 0, pace: 21 },
];

const WORDS = {
  en: {
    source: 'It names its source.',
    sentence: 'A full sentence, easy to read.',
    fact: 'The other one is wrong.',
    bad: 'Neither is in the passages.',
    tie: 'The same thing, said twice.',
  },
  fr: {
    source: 'Elle cite sa source.',
    sentence: 'Une phrase complète, facile à lire.',
    fact: "L'autre réponse est fausse.",
    bad: 'Rien de cela dans les passages.',
    tie: 'La même chose, dite deux fois.',
  },
};
const TAGS = { source: 'no source', sentence: 'not a sentence', fact: 'wrong fact', bad: 'wrong fact', tie: '' };

/** 0 … 1 from a name alone: the same name is the same number, whatever is drawn beside it. */
export function draw(name) {
  let x = 0x811c9dc5;
  for (const letter of `demo feedback/${name}`) x = Math.imul(x ^ letter.codePointAt(0), 0x01000193);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** About normal, variance 1. */
const noise = (name) => (draw(`${name}a`) + draw(`${name}b`) + draw(`${name}c`) - 1.5) * 2;

const words = (text) => text.toLowerCase().match(/\p{L}+|\d[\d.,]*/gu) ?? [];

/** The rule: words that stand in the prompt, a sentence, a source that is there; saying nothing is worth little. */
export function quality(prompt, answer) {
  if (/^(The report does not say|Le rapport ne le dit pas)\.$/.test(answer)) return 0.35;
  const there = new Set(words(prompt));
  const said = words(answer.replace(/\s*\[\d+\]\.?$/, ''));
  const grounded = said.filter((word) => there.has(word)).length / Math.max(1, said.length);
  const cited = /\[(\d+)\]\.$/.exec(answer)?.[1];
  const source = cited && prompt.includes(`[${cited}] `) ? 0.3 : 0;
  return grounded ** 2 + source + (said.length >= 4 ? 0.25 : 0);
}

const origin = (name, seed) => ({ name, generation_id: null, adapter_id: null, seed });

function pairs(tasks, preferences) {
  const given = preferences
    .slice(0, FIRST_SESSION)
    .filter((_, i) => i % (FIRST_SESSION / PREFERENCES) === 0)
    .map(({ prompt, chosen, rejected }, i) => {
      const responses = draw(`side ${i}`) < 0.5 ? [chosen, rejected] : [rejected, chosen];
      return { id: `pair-${i + 1}`, prompt, responses, origins: responses.map(() => origin(null, null)) };
    });
  const drawn = tasks.map(({ prompt, responses }, i) => ({
    id: `task-${i + 1}`,
    prompt,
    responses: responses.map(({ text }) => text),
    origins: responses.map(({ model, seed }) => origin(model, seed)),
  }));
  return drawn.flatMap((task, i) => (i % 2 && given[i >> 1] ? [task, given[i >> 1]] : [task]));
}

/** Why the better answer is better; `fact` when the other says what the passages do not. */
function reason(prompt, winner, loser) {
  const [cited, other] = [winner, loser].map((text) => /\[\d+\]\.$/.test(text));
  if (quality(prompt, loser) < 0.6) return 'fact';
  return cited && !other ? 'source' : 'sentence';
}

/** The winner with its source, where it has none and one passage holds its longest word. */
function withSource(prompt, text) {
  const [longest = ''] = words(text).sort((a, b) => b.length - a.length);
  const at = prompt.split('\n').find((line) => /^\[\d+\] /.test(line) && words(line).includes(longest));
  return at && !/\[\d+\]\.$/.test(text) ? `${text.replace(/\.$/, '')} ${at.slice(0, at.indexOf(']') + 1)}.` : null;
}

function judge(pair, person, round) {
  const { prompt, responses } = pair;
  const key = `${pair.id}/${round}/${person.name}`;
  const french = /[éèàç]|(?<!\p{L})(?:[Ll]e|[Ll]a|[Qq]u[ei]|[Dd]onnez)(?!\p{L})/u.test(prompt.split('\n')[0]);
  const say = WORDS[french ? 'fr' : 'en'];
  const shown = draw(`shown ${key}`) < 0.5 ? [0, 1] : [1, 0];
  const good = responses.map((text) => quality(prompt, text));
  const lean = good[0] - good[1] + person.noise * noise(key) + (shown[0] === 0 ? person.left : -person.left);
  const best = lean > 0 ? 0 : 1;
  const skipped = draw(`skip ${key}`) < 0.03;
  const verdict = skipped ? null : Math.max(...good) < 0.8 ? 'bad' : Math.abs(lean) < 0.1 ? 'tie' : 'better';
  const why = verdict === 'better' ? reason(prompt, responses[best], responses[1 - best]) : (verdict ?? 'tie');
  const edited = verdict === 'better' && draw(`edit ${key}`) < 0.2 ? withSource(prompt, responses[best]) : null;
  const passages = prompt.slice(prompt.indexOf('Context:\n') + 9).split(/\n+(?=\[\d+\] )/);
  return {
    id: key,
    prompt,
    question: prompt.slice(0, prompt.indexOf('\n\nContext:\n')),
    passages: passages.map((text) => text.replace(/^\[\d+\] /, '')),
    responses,
    origins: pair.origins,
    status: skipped ? 'skipped' : 'judged',
    verdict,
    ranks: verdict === null ? null : verdict === 'better' ? responses.map((_, i) => (i === best ? 1 : 2)) : [1, 1],
    strength: verdict === 'better' && person.name !== 'Basile' ? 1 + (Math.abs(lean) > 0.4) + (Math.abs(lean) > 0.9) : null,
    annotator_comment: !skipped && draw(`comment ${key}`) < 0.45 ? say[why] : '',
    tags: !skipped && TAGS[why] && draw(`tags ${key}`) < 0.5 ? [TAGS[why]] : [],
    edit: edited ? { response: best, text: edited } : null,
    flagged: verdict === 'bad' && draw(`flag ${key}`) < 0.3,
    annotator: person.name,
    round,
    shown,
    lead_time: Math.round(10 * person.pace * (0.5 + draw(`time ${key}`) ** 2 * 2)) / 10,
  };
}

/** Lines of feedback.jsonl, in the order in which they were decided. */
export function makeFeedback(tasks, preferences) {
  const all = pairs(tasks, preferences);
  const turns = all.flatMap((pair, i) =>
    PEOPLE.filter((_, p) => i % SHARED_EVERY < 2 || i % PEOPLE.length === p).map((person) => ({ pair, person, round: 0 })),
  );
  const repeats = turns.filter((_, i) => i % 9 === 4).slice(0, REPEATS).map((turn) => ({ ...turn, round: 1 })); // prettier-ignore
  const clocks = Object.fromEntries(PEOPLE.map(({ name }, i) => [name, START + i * 86_400_000]));
  return [...turns, ...repeats]
    .map(({ pair, person, round }) => {
      const line = judge(pair, person, round);
      clocks[person.name] += Math.ceil(line.lead_time + 2) * 1000;
      return { ...line, timestamp: new Date(clocks[person.name]).toISOString().slice(0, 19) };
    })
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : a.id < b.id ? -1 : 1));
}

const read = (name) =>
  readFileSync(new URL(name, FOLDER), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The whole file as it is in the folder. */
export const feedbackText = () =>
  makeFeedback(read('tasks.jsonl').slice(1), read('dataset_rlhf.jsonl'))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(new URL('feedback.jsonl', FOLDER), feedbackText());
