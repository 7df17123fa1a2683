// Indexing as the page sees it, with the real worker: what there is to do, one job at a time, of the project it began in.
import { beforeEach, expect, test } from 'vitest';
import { connection } from '../../src/state/connection.svelte.ts';
import { corpus } from '../../src/state/corpus.svelte.ts';
import { documents } from '../../src/state/documents.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { toasts } from '../../src/state/toasts.svelte.ts';
import { createProject, openProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { deleteAllFiles } from '../../src/storage/files.ts';

/** The first use converts the embedder on the server. */
const SLOW = 120_000;

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  await deleteAllFiles();
  localStorage.clear();
  await startWorkspace();
  for (const { id } of toasts.list) toasts.dismiss(id);
});

async function added(title: string, text: string): Promise<string> {
  const [document] = (await documents.addText(title, text)).added;
  return document?.id ?? '';
}
const state = (id: string): string | undefined => corpus.of(id)?.state;
const facts = (count: number): string =>
  Array.from({ length: count }, (_, i) => `The tower number ${i} is ${i + 7} metres high.`).join(' ');

test(
  'a text that is cut into nothing is done when it was cut, and no question starts the indexing anew',
  async () => {
    await createProject('P');
    const rule = await added('rule.md', '---');
    const fact = await added('fact.md', 'The river of Orlen is long.');
    await expect.poll(() => corpus.need).toEqual({ kind: 'first', documents: 2 });
    await corpus.index();
    expect([corpus.of(rule)?.chunks, state(rule), state(fact)]).toEqual([0, 'done', 'done']);
    expect([corpus.need.kind, corpus.stage]).toEqual(['none', 'done']);
    const asked = corpus.ensureIndexed([rule, fact], new AbortController().signal);
    expect(corpus.indexing).toBe(false);
    expect(await asked).toBe(true);
  },
  SLOW,
);

test(
  'two quick clicks are one job; it applies the sliders to the project it began in, whatever is opened meanwhile',
  async () => {
    const other = await createProject('Other');
    const own = await createProject('Own');
    await added('fact.md', facts(6));
    corpus.draft({ maxSentences: 2, overlapTokens: 4 });
    const clicks = [corpus.index(), corpus.index()];
    expect(corpus.indexing).toBe(true);
    await openProject(other.id);
    await Promise.all(clicks);
    expect(projects.list.find(({ id }) => id === own.id)?.corpus?.chunks).toMatchObject({ overlapTokens: 4 });
    expect(projects.list.find(({ id }) => id === other.id)?.corpus).toBeUndefined();
    expect(toasts.list.filter(({ text }) => text.startsWith('Indexed')).length).toBe(1);
    await openProject(own.id);
    await expect.poll(() => corpus.status?.documents.map(({ cut }) => cut)).toEqual([true]);
    expect([corpus.need.kind, corpus.chunksChanged]).toEqual(['none', false]);
  },
  SLOW,
);

test(
  'a question waits for documents that came while an indexing was under way',
  async () => {
    await createProject('P');
    await added('many.md', facts(300));
    const under = corpus.index();
    await expect.poll(() => corpus.progress?.step, { timeout: 30_000 }).toBe('embed');
    const late = await added('late.md', 'The mine of Tarnow was closed in 1954.');
    expect(corpus.indexing).toBe(true);
    expect(await corpus.ensureIndexed([late], new AbortController().signal)).toBe(true);
    await under;
    expect(state(late)).toBe('done');
  },
  SLOW,
);

test(
  'what a person stops stays stopped: a question that waited for it does not start it anew',
  async () => {
    await createProject('P');
    const many = await added('many.md', facts(400));
    void corpus.index();
    const asked = corpus.ensureIndexed([many], new AbortController().signal);
    await expect.poll(() => corpus.progress?.step, { timeout: 30_000 }).toBe('embed');
    corpus.stop();
    expect(await asked).toBe(false);
    await expect.poll(() => corpus.indexing).toBe(false);
    expect(corpus.problem).toBe('');
  },
  SLOW,
);
