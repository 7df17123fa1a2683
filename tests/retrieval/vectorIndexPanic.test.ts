// When voy itself breaks: the search goes on exactly, and voy is not used again in that thread.
import { expect, it, vi } from 'vitest';
import { Voy } from 'voy-search/voy_search.js';
import { openVectorIndex } from '../../src/retrieval/vectorIndex.ts';
import { unitRows } from './vectors.ts';

it('a panic during a search is answered exactly, by every index, and ends the use of voy', async () => {
  const rows = unitRows(100, 64, 1);
  const query = unitRows(1, 64, 2);
  const exact = await openVectorIndex(rows, 64, 'exact');
  const one = await openVectorIndex(rows, 64, 'auto');
  const other = await openVectorIndex(rows, 64, 'auto');
  expect([one.kind, other.kind]).toEqual(['voy', 'voy']);
  const search = vi.spyOn(Voy.prototype, 'search').mockImplementation(() => {
    throw new WebAssembly.RuntimeError('unreachable'); // what a panic looks like from outside
  });
  expect(one.search(query, 5)).toEqual(exact.search(query, 5));
  expect(other.search(query, 5)).toEqual(exact.search(query, 5));
  expect(search).toHaveBeenCalledTimes(1);
  for (const index of [one, other, await openVectorIndex(rows, 64, 'auto')])
    expect(index).toMatchObject({ kind: 'exact', why: 'failed' });
  one.dispose();
});
