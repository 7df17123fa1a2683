// Embedders run in Chromium: the shipped one gives Python's numbers, and a folder that somebody brings works, too.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USE_LITE } from '../../src/records/embedder.ts';
import {
  fasterDevice,
  inspectFolder,
  openEmbedder,
  type EmbedderFiles,
  type OpenEmbedder,
} from '../../src/retrieval/embed.ts';
import golden from '../goldens/use-lite/rows.json';
import { projectFile } from '../gpu.ts';
import { TINY, tinyBert } from './tinyBert.ts';

const shipped: EmbedderFiles = { read: (path) => projectFile(`${USE_LITE.url ?? ''}${path}`) };
const folder = (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): EmbedderFiles => ({
  read: async (path) => files.get(path) ?? null,
});

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Infinity))));

async function rows({ embed }: OpenEmbedder, texts: string[], as: 'query' | 'passage' = 'passage') {
  const all = await embed(texts, as);
  const dim = all.length / texts.length;
  return texts.map((_, i) => all.subarray(i * dim, (i + 1) * dim));
}

describe('the shipped embedder', () => {
  const seen: [loaded: number, total: number][] = [];
  let use: OpenEmbedder;
  beforeAll(async () => {
    use = await openEmbedder(USE_LITE, shipped, (loaded, total) => seen.push([loaded, total]));
  });
  afterAll(() => use.dispose());

  it("gives the numbers of Python's onnxruntime, and others for another text", async () => {
    for (const { text, row } of golden) {
      const [found = []] = await rows(use, [text]);
      expect(largest(row, found), text).toBeLessThan(1e-4);
      const [other = []] = await rows(use, [`${text} No.`]);
      expect(largest(row, other), text).toBeGreaterThan(1e-2);
    }
  });

  it('puts a paraphrase nearer than what has nothing to do with it', async () => {
    const [question, paraphrase, other] = (await rows(use, [
      'How old is the company?',
      'The firm was established in 1987.',
      'Stir the soup and add a little lemon.',
    ])) as [Float32Array, Float32Array, Float32Array];
    expect(dot(question, paraphrase)).toBeGreaterThan(dot(question, other) + 0.15);
  });

  it('gives unit rows in the order of the texts, the same in a batch as one by one', async () => {
    const words = golden
      .map(({ text }) => text)
      .join(' ')
      .split(' ');
    const texts = Array.from({ length: 16 }, (_, i) => words.slice(i % 7, (i % 7) + 1 + ((i * 11) % 30)).join(' '));
    const together = await rows(use, texts);
    for (const [i, text] of texts.entries()) {
      const row = together[i] ?? new Float32Array();
      expect(row).toHaveLength(USE_LITE.dim);
      expect(Math.abs(dot(row, row) - 1)).toBeLessThan(1e-5);
      const [alone = []] = await rows(use, [text]);
      expect(largest(row, alone), text).toBeLessThan(1e-5);
    }
  });

  it('clips a text at its limit: what follows changes nothing, what stands before it does', async () => {
    const within = 'bridge '.repeat(USE_LITE.maxTokens - 1);
    const [short, long, less] = (await rows(use, [`${within}river`, `${within}river money`, `${within}money`])) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect(largest(short, long)).toBeLessThan(1e-6);
    expect(largest(short, less)).toBeGreaterThan(1e-4);
  });

  it('takes texts without a word, and no text at all', async () => {
    for (const row of await rows(use, ['', ' \n ', '🜁'])) expect(Math.abs(dot(row, row) - 1)).toBeLessThan(1e-5);
    expect(await use.embed([], 'query')).toHaveLength(0);
  });

  it('tells how much of the model has come', () => {
    expect(seen.at(-1)).toEqual([USE_LITE.bytes, USE_LITE.bytes]);
  });
});

describe('what cannot be opened is told in words', () => {
  it.each<[string, EmbedderFiles, string]>([
    [
      'a file that is not there',
      { read: async () => null },
      'Universal Sentence Encoder lite must have tokenizer_config.json, got none',
    ],
    [
      'a host that does not answer',
      { read: () => Promise.reject(new Error('files: the site must answer, got nothing.')) },
      'the site must answer',
    ],
    [
      'another model in its place',
      {
        read: async (path) =>
          path === USE_LITE.file ? (tinyBert().get('onnx/model.onnx') ?? null) : shipped.read(path),
      },
      'must have the SHA-256 ad371fc834480318',
    ],
  ])('%s', async (_, files, words) => {
    await expect(openEmbedder(USE_LITE, files)).rejects.toThrow(words);
  });

  it('a folder whose model is none', async () => {
    const files = tinyBert().set('onnx/model.onnx', new TextEncoder().encode('not a model'));
    await expect(inspectFolder(folder(files), [...files.keys()], 'broken')).rejects.toThrow(
      /^embedder: broken must be a model that this browser can run, got/,
    );
  });
});

describe('a folder in hub layout', () => {
  const files = tinyBert();
  const open = async (name: string): Promise<OpenEmbedder> =>
    openEmbedder(await inspectFolder(folder(files), [...files.keys()], name), folder(files));

  it('is run to learn its dimension, and embeds', async () => {
    const bert = await open('tiny');
    expect(bert.embedder).toMatchObject({ dim: TINY.dim, maxTokens: TINY.positions, pooling: 'mean', url: null });
    const [one, same, other] = (await rows(bert, ['a b c', 'A b c', 'c b a'])) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect(largest(one, same)).toBe(0);
    expect(largest(one, other)).toBeGreaterThan(1e-3);
    await bert.dispose();
  });

  it('keeps the closing token of a clipped text', async () => {
    const bert = await open('tiny');
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    const most = letters.slice(0, TINY.positions - 2).join(' ');
    const [whole, clipped] = (await rows(bert, [most, letters.join(' ')])) as [Float32Array, Float32Array];
    expect(largest(whole, clipped)).toBeLessThan(1e-6);
    await bert.dispose();
  });

  it('puts the prefixes of its family before questions and passages', async () => {
    const [plain, e5] = [await open('tiny'), await open('tiny-e5-small')];
    for (const as of ['query', 'passage'] as const) {
      const [prefixed = []] = await rows(e5, ['a b'], as);
      const [spelt = []] = await rows(plain, [`${as}: a b`], as);
      expect(largest(prefixed, spelt)).toBeLessThan(1e-6);
    }
    await Promise.all([plain.dispose(), e5.dispose()]);
  });
});

describe('WebGPU', () => {
  const files = tinyBert();

  it('gives the same rows, beside a session on the CPU', async () => {
    const tiny = await inspectFolder(folder(files), [...files.keys()], 'tiny');
    const cpu = await openEmbedder(tiny, folder(files));
    const gpu = await openEmbedder(tiny, folder(files), undefined, 'webgpu');
    expect([cpu.device, gpu.device]).toEqual(['wasm', 'webgpu']);
    const [there, here] = [await gpu.embed(['a b c'], 'query'), await cpu.embed(['a b c'], 'query')];
    expect(largest(there, here)).toBeLessThan(1e-4);
    await Promise.all([cpu.dispose(), gpu.dispose()]);
  }, 60_000);

  it('is not taken where software stands in for it', async () => {
    expect(await fasterDevice(USE_LITE, shipped)).toBe('wasm');
  });
});
