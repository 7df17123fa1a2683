// What a person meets in the demo project: its questions, the passages found by words, nano's defaults, greedy answers.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { retrieve } from '../../src/retrieval/retrieve.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

interface Row {
  question: string;
  answer: string;
  lang: 'en' | 'fr';
  answerable: boolean;
}

const BATCH = 8;
const folder = 'datasets/documents';
const sources = readdirSync(folder).map((name) => ({
  documentId: name,
  documentName: name,
  text: readFileSync(`${folder}/${name}`, 'utf8'),
}));
const rows = readFileSync('datasets/questions.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

let engine: Engine;
beforeAll(async () => {
  engine = new Engine(undefined, await testGpu());
  await engine.load(NANO, filesIn('public/models/nano'));
});
afterAll(() => engine.dispose());

/** Questions whose answer occurs in what the model writes. */
async function right(asked: readonly Row[], sentences: number): Promise<number> {
  let count = 0;
  for (let i = 0; i < asked.length; i += BATCH) {
    const part = asked.slice(i, i + BATCH);
    const prompts = part.map(({ question }) => {
      const hits = retrieve(sources, question, NANO.passagesPerPrompt, sentences);
      const passages = hits.map((hit) => hit.passage);
      return {
        promptIds: engine.render(question, passages, 48).ids,
        sampling: { ...defaultSampling(), maxNewTokens: 48 },
      };
    });
    const answers = await engine.generate('demo', prompts, () => undefined);
    count += answers.filter(({ text }, b) => text.toLowerCase().includes(part[b]?.answer.toLowerCase() ?? '')).length;
  }
  return count;
}

it('with its default passages nano answers most of the demo questions, and more than with longer ones', async () => {
  const answerable = rows.filter((row) => row.answerable);
  const english = await right(
    answerable.filter((row) => row.lang === 'en'),
    NANO.sentencesPerPassage,
  );
  const byDefault =
    english +
    (await right(
      answerable.filter((row) => row.lang === 'fr'),
      NANO.sentencesPerPassage,
    ));
  const inPairs = await right(answerable, 2);
  console.log(`of ${answerable.length}: ${byDefault} right (${english} English), ${inPairs} with pairs of sentences`);
  expect(byDefault).toBeGreaterThanOrEqual(0.7 * answerable.length);
  expect(byDefault).toBeGreaterThan(inPairs);
  expect(byDefault).toBeGreaterThan(await right(answerable, 3));
});
