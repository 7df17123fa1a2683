// Another tab brings and removes embedders: this one knows it before it takes another in their place.
import { beforeEach, expect, test } from 'vitest';
import { USE_LITE } from '../../src/records/embedder.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { corpus } from '../../src/state/corpus.svelte.ts';
import { documents } from '../../src/state/documents.svelte.ts';
import { embedders } from '../../src/state/embedders.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { createProject, refreshWorkspace, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  await startWorkspace();
  await embedders.refresh();
});

const brought = { ...USE_LITE, id: 'brought', url: null };

test('an embedder that another tab brought is found where it is asked for', async () => {
  await embedders.load();
  expect([await embedders.has(USE_LITE.id), await embedders.has('brought')]).toEqual([true, false]);
  await (await connection.open()).put('embedders', brought);
  expect(embedders.find('brought')).toEqual(USE_LITE);
  expect(await embedders.has('brought')).toBe(true);
  expect(embedders.find('brought')).toEqual(brought);
  embedders.hide('brought'); // its removal can still be undone: nothing may be made anew meanwhile
  expect(await embedders.has('brought')).toBe(false);
  embedders.show('brought');
});

test('looked at again, a tab shows what the others brought and removed', async () => {
  const db = await connection.open();
  await db.put('embedders', brought);
  await refreshWorkspace();
  expect(embedders.list.map(({ id }) => id)).toEqual([USE_LITE.id, 'brought']);
  await db.delete('embedders', 'brought');
  await refreshWorkspace();
  expect(embedders.list.map(({ id }) => id)).toEqual([USE_LITE.id]);
});

test('a question does not index anew where the embedder is gone: it would remove what that one made', async () => {
  await createProject('P');
  const [document] = (await documents.addText('', 'The river of Orlen is long.')).added;
  await corpus.save({ embedderId: 'gone' });
  expect(await corpus.ensureIndexed([document?.id ?? ''], new AbortController().signal)).toBe(false);
  expect([corpus.indexing, corpus.problem]).toEqual([false, expect.stringContaining('not on this device any more')]);
  await corpus.save({ retrieval: { ...corpus.settings.retrieval, weight: 1 } });
  expect(projects.current?.corpus?.embedderId).toBe('gone'); // another setting does not choose for the person
});
