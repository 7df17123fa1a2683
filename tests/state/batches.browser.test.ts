// Batches over a real database: every prompt is done once, wherever the tab was closed; what cannot be answered is told.
import { beforeEach, expect, test } from 'vitest';
import { defaultCorpus } from '../../src/records/corpus.ts';
import { USE_LITE } from '../../src/records/embedder.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { Batches } from '../../src/state/batches.svelte.ts';
import type { Answered, Wanted } from '../../src/state/batchAnswer.ts';
import { comparisons } from '../../src/state/comparisons.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { engine } from '../../src/state/engine.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { router } from '../../src/state/router.svelte.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

const contenders = [1, 2].map((seed) => ({
  adapterId: null,
  sampling: { ...defaultSampling(), temperature: 1, seed },
}));
const PROMPTS = ['a', 'b', 'c', 'd', 'e'];
/** Stands in for the models: a GPU is not everywhere. */
const scope = () => async () => ({ documentIds: [], settings: defaultCorpus(engine.model, USE_LITE.id) });
const said = (prompt: string, ...texts: string[]): Answered => ({ question: prompt, passages: [], prompt, texts });
const two = async ({ prompt }: Wanted): Promise<Answered> => said(prompt, `${prompt}1`, `${prompt}2`);
/** Two answers until `until`; then it hangs, as a tab does that is closed at that moment. */
const closedAt = (until: string) => async (wanted: Wanted) =>
  wanted.prompt === until ? new Promise<null>(() => undefined) : two(wanted);

async function ended(batches: Batches): Promise<void> {
  await expect.poll(() => batches.busy, { timeout: 5000 }).toBe(false);
}
const queue = async (): Promise<string[]> => {
  await comparisons.reload();
  return comparisons.list.map(({ question }) => question);
};

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  const project = await projects.create('p');
  projects.select(project.id);
  await comparisons.load(project.id);
  router.replace('/annotate/add');
});

test('every prompt becomes a comparison with who answered it, in order', async () => {
  const batches = new Batches({ scope, answer: two });
  await batches.load(projects.current?.id ?? '');
  await batches.start(PROMPTS, contenders);
  await ended(batches);
  expect(batches.list[0]).toMatchObject({ done: 5, alike: 0, failed: [], status: 'done' });
  expect(await queue()).toEqual(PROMPTS);
  expect(comparisons.list[0]?.responses.map(({ origin }) => [origin.name, origin.seed])).toEqual([
    [engine.model.name, 1],
    [engine.model.name, 2],
  ]);
  expect(comparisons.list[0]?.source).toEqual({ kind: 'batch', batchId: batches.list[0]?.id });
});

test('closed at any prompt, it is paused there after a reload and goes on: nothing is doubled, nothing lost', async () => {
  for (const until of PROMPTS) {
    const closed = new Batches({ scope, answer: closedAt(until) });
    await closed.load(projects.current?.id ?? '');
    const made = await closed.start(PROMPTS, contenders);
    await expect.poll(() => closed.list[0]?.done).toBe(PROMPTS.indexOf(until));
    closed.pause(); // the lock of a closed tab is free, and its answer never comes
    const after = new Batches({ scope, answer: two });
    await after.load(projects.current?.id ?? '');
    const there = after.list.find(({ id }) => id === made?.id);
    expect([there?.done, after.busy]).toEqual([PROMPTS.indexOf(until), false]);
    if (!there || !made) throw new Error('the batch is gone');
    // the tab that hangs holds the lock here, as none would that is closed: it goes on under a new name
    const id = crypto.randomUUID();
    await connection.write(['batches'], (tx) => tx.objectStore('batches').put({ ...there, id }));
    await after.resume({ ...there, id });
    expect(await queue()).toEqual(PROMPTS);
    await comparisons.remove(comparisons.list.map((one) => one.id));
    await after.remove({ ...there });
    await after.remove({ ...there, id });
  }
});

test('with another model in use it waits, and says why', async () => {
  const closed = new Batches({ scope, answer: closedAt('b') });
  await closed.load(projects.current?.id ?? '');
  const made = await closed.start(PROMPTS, contenders);
  await expect.poll(() => closed.list[0]?.done).toBe(1);
  closed.pause();
  if (!made) throw new Error('the batch is gone');
  const other = { ...made, id: crypto.randomUUID(), modelId: 'another', done: 1, status: 'paused' as const };
  const after = new Batches({ scope, answer: two });
  await after.put(other);
  await after.resume(other);
  expect([after.busy, after.problemOf(other.id)]).toEqual([false, expect.stringContaining('another')]);
  expect(await queue()).toEqual(['a']);
});

test('a prompt that another tab has done is not done again', async () => {
  let asked = 0;
  const slow = async (wanted: Wanted): Promise<Answered> => {
    asked++;
    const db = await connection.open();
    const row = await db.get('batches', wanted.batch.id);
    if (row && asked === 1) await db.put('batches', { ...row, done: 3 }); // it was quicker
    return two(wanted);
  };
  const batches = new Batches({ scope, answer: slow });
  await batches.load(projects.current?.id ?? '');
  await batches.start(PROMPTS, contenders);
  await ended(batches);
  expect(await queue()).toEqual(['d', 'e']);
  expect(batches.list[0]?.done).toBe(5);
});

test('answers that are alike and prompts that are refused are counted and do not end it', async () => {
  const answer = async (wanted: Wanted): Promise<Answered> => {
    if (wanted.prompt === 'b') return said('b', 'same', ' same ');
    if (wanted.prompt === 'd') return said('d', 'one', '  ');
    if (wanted.prompt === 'c') throw Object.assign(new Error('prompt: too long'), { name: 'PromptError' });
    return two(wanted);
  };
  const batches = new Batches({ scope, answer });
  await batches.load(projects.current?.id ?? '');
  await batches.start(PROMPTS, contenders);
  await ended(batches);
  expect(batches.list[0]).toMatchObject({ done: 5, alike: 2, status: 'done' });
  expect(batches.list[0]?.failed).toEqual([{ prompt: 'c', problem: 'prompt: too long' }]);
  expect(await queue()).toEqual(['a', 'e']);
});

test('an engine that fails pauses it with a sentence; a prompt that fails twice is left behind', async () => {
  let broken = true;
  const answer = async (wanted: Wanted): Promise<Answered> => {
    if (wanted.prompt === 'b' && broken) throw new Error('engine: lost');
    return two(wanted);
  };
  const batches = new Batches({ scope, answer });
  await batches.load(projects.current?.id ?? '');
  await batches.start(PROMPTS, contenders);
  await ended(batches);
  const halted = batches.list[0];
  expect([halted?.status, halted?.done, batches.problemOf(halted?.id ?? '')]).toEqual(['paused', 1, 'engine: lost']);
  if (halted) await batches.resume(halted);
  broken = false;
  expect(batches.list[0]?.failed.map(({ prompt }) => prompt)).toEqual(['b']);
  expect(await queue()).toEqual(['a', 'c', 'd', 'e']);
});

test('stopped for good, it does not go on, and what was made stays', async () => {
  const batches = new Batches({ scope, answer: two });
  await batches.load(projects.current?.id ?? '');
  const hold = new Batches({
    scope,
    answer: async (wanted) => {
      if (wanted.prompt !== 'c') return two(wanted);
      return new Promise((resolve) => wanted.signal.addEventListener('abort', () => resolve(null)));
    },
  });
  await hold.load(projects.current?.id ?? '');
  await hold.start(PROMPTS, contenders);
  await expect.poll(() => hold.list[0]?.done).toBe(2);
  await hold.stop(hold.list[0]?.id ?? '');
  await ended(hold);
  await batches.load(projects.current?.id ?? '');
  const stopped = batches.list[0];
  expect([stopped?.status, stopped?.done]).toEqual(['done', 2]);
  if (stopped) await batches.resume(stopped);
  expect(await queue()).toEqual(['a', 'b']);
});
