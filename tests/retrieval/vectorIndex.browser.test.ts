// The same in Chromium: voy as Vite serves it, the SIMD kernel, and a voy that really panics.
import { expect, it, vi } from 'vitest';
import { simdDots } from '../../src/retrieval/dotKernel.ts';
import { openVectorIndex } from '../../src/retrieval/vectorIndex.ts';
import { unitRows } from './vectors.ts';

it('voy and the exact search find the same neighbours', async () => {
  expect(await simdDots(8)).not.toBeNull();
  const rows = unitRows(1000, 512, 1);
  const queries = unitRows(10, 512, 2);
  const auto = await openVectorIndex(rows, 512, 'auto');
  const exact = await openVectorIndex(rows, 512, 'exact');
  expect([auto.kind, exact.kind]).toEqual(['voy', 'exact']);
  for (let i = 0; i < 10; i++) {
    const query = queries.subarray(512 * i, 512 * i + 512);
    expect(auto.search(query, 12)).toEqual(exact.search(query, 12));
  }
  auto.dispose();
  exact.dispose();
});

it('the trap that is folded and checked away is there', async () => {
  const panic = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { Voy } = await import('voy-search/voy_search.js');
  const embeddings = Array.from({ length: 33 }, (_, i) => ({ id: `${i}`, title: '', url: '', embeddings: [1, 0] }));
  expect(() => new Voy({ embeddings })).toThrow(WebAssembly.RuntimeError);
  expect(panic).toHaveBeenCalledWith(expect.stringContaining('same position on one axis'));
  panic.mockRestore();
});
