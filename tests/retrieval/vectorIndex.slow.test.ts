// Ten thousand passages and what the shipped embedder makes of them: voy and the exact search find the same ones.
import { expect, it } from 'vitest';
import { openVectorIndex } from '../../src/retrieval/vectorIndex.ts';
import { embedReal, realPassages } from './realPassages.ts';
import { nearest } from './vectors.ts';

const DIM = 512;

it('voy and the exact search find the same neighbours of real questions and passages', async () => {
  const passages = realPassages(10_000);
  expect(passages.length).toBe(10_000);
  const questions = [
    'When was the company founded?',
    'Who won the election?',
    'How much debt does the company have?',
    'Which ship was late?',
    'Quand le traité a-t-il été signé ?',
    'a',
  ];
  const embedded = await embedReal([...passages, ...questions]);
  const rows = embedded.subarray(0, 10_000 * DIM);
  const auto = await openVectorIndex(rows, DIM, 'auto');
  const exact = await openVectorIndex(rows, DIM, 'exact');
  expect(auto).toMatchObject({ kind: 'voy', why: null, size: 10_000 });

  const query = (row: number): Float32Array => embedded.subarray(row * DIM, (row + 1) * DIM);
  const queries = questions.map((_, i) => query(10_000 + i));
  for (let row = 0; row < 10_000; row += 101) queries.push(query(row));
  for (const each of queries) for (const k of [1, 10, 100]) expect(auto.search(each, k)).toEqual(exact.search(each, k));
  for (const each of queries.slice(0, 8))
    expect(exact.search(each, 3).map(({ row }) => row)).toEqual(nearest(rows, DIM, each, 3));
  auto.dispose();
  exact.dispose();
});
