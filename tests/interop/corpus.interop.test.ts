// A corpus as one zip: ours is opened and searched by Python, one of a script is taken here; same ids, same scores.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseMetadata } from '../../src/formats/corpusFiles.ts';
import { writeZip } from '../../src/formats/zip.ts';
import type { Document, MediaType } from '../../src/records/document.ts';
import { USE_LITE } from '../../src/records/embedder.ts';
import { corpusParts, type Leaving } from '../../workers/corpusParts.ts';
import { Vectors } from '../../workers/corpusVectors.ts';
import { unitRows } from '../retrieval/vectors.ts';
import { python } from './python.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-corpus-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

/** Sentences of the text, and a row for the first `embedded` of them in two segments. */
function leaving(name: string, mediaType: MediaType, text: string, embedded: number, seed: number): Leaving {
  const chunks = [...text.matchAll(/\S[^.]*\./g)].map((match) => {
    return { start: match.index, end: match.index + match[0].length, tokens: 5, page: null, headings: ['🙂'] };
  });
  const rows = unitRows(embedded, USE_LITE.dim, seed);
  const half = Math.floor(embedded / 2) * USE_LITE.dim;
  return {
    document: { name, sha256: `${seed}`, pages: null, bytes: text.length } as Document,
    data: new Blob([text]),
    mediaType,
    text,
    chunks,
    rows: [rows.subarray(0, half), rows.subarray(half)],
  };
}

it('ours is opened and searched there, chunks without vectors left out', async () => {
  const sentences = (count: number): string =>
    Array.from({ length: count }, (_, i) => `Sentence 🙂 number ${i} stands here.`).join(' ');
  const all = [
    leaving('Été: "notes"', 'text/markdown', `# 🙂\n\n${sentences(40)}`, 40, 1),
    leaving('half.txt', 'text/plain', sentences(30), 13, 2),
    leaving('half.txt', 'text/plain', `Again. ${sentences(10)}`, 11, 3),
  ];
  async function* each(): AsyncGenerator<Leaving> {
    yield* all;
  }
  const parts = corpusParts(each(), USE_LITE, { maxTokens: 120, overlapTokens: 0, maxSentences: 1 });
  const zip = await new Response(writeZip(parts, new Date('2026-01-01'))).bytes();
  const queries = unitRows(8, USE_LITE.dim, 9);
  await writeFile(join(folder, 'ours.zip'), zip);
  await writeFile(join(folder, 'queries.f32'), new Uint8Array(queries.buffer));

  const theirs = python('corpus_files.py', join(folder, 'ours.zip'), join(folder, 'queries.f32'), '5') as {
    ids: number[][];
    scores: number[][];
    found: string[][];
  };
  expect(theirs).toMatchObject({
    bad: null,
    names: [
      ...['Été_ _notes_.md', 'half.txt', 'half (2).txt'].map((name) => `data/documents/${name}`),
      'data/metadata.json',
      'data/index.faiss',
    ],
    kinds: ['IndexIDMap', 'IndexFlatIP'],
    dim: 512,
    total: 40 + 13 + 11,
    order: true,
    misplaced: [],
    sizes: all.map(({ data }) => data.size),
  });

  let id = 0;
  const rows = all.flatMap(({ chunks, rows: pieces, text }) => {
    const first = id;
    id += chunks.length;
    return pieces
      .flatMap((piece) => Array.from({ length: piece.length / 512 }, (_, i) => piece.subarray(i * 512, (i + 1) * 512)))
      .map((row, i) => ({ id: first + i, row, text: text.slice(chunks[i]?.start, chunks[i]?.end) }));
  });
  for (let q = 0; q < 8; q++) {
    const query = queries.subarray(q * 512, (q + 1) * 512);
    const ours = rows
      .map(({ id, row, text }) => ({ id, text, score: cosine(query, row) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 5);
    expect(theirs.ids[q]).toEqual(ours.map((hit) => hit.id));
    expect(theirs.found[q]).toEqual(ours.map((hit) => hit.text));
    for (const [i, { score }] of ours.entries()) expect(theirs.scores[q]?.[i]).toBeCloseTo(score, 5);
  }
});

it('one of a script is understood here, and its vectors give its scores', async () => {
  const { texts, scores } = python('../../tools/goldens/make_corpus.py', folder) as {
    texts: string[];
    scores: number[];
  };
  expect((await readdir(join(folder, 'documents'))).sort()).toEqual(['notes.md', 'plain.txt']);
  const metadata = parseMetadata(await readFile(join(folder, 'metadata.json'), 'utf8'));
  const embedder = { ...USE_LITE, id: 'of-a-script', sha256: 'ab'.repeat(32), dim: 64 };
  const rows = new Vectors(await readFile(join(folder, 'index.faiss')), metadata, embedder).of(metadata.chunks);
  expect(metadata.chunks.map(({ text }) => text)).toEqual(texts);
  expect(rows.length).toBe(64 * texts.length);
  for (const [i, score] of scores.entries())
    expect(cosine(rows.subarray(0, 64), rows.subarray(i * 64, (i + 1) * 64))).toBeCloseTo(score, 5);
});
