// The shipped embedder is converted to exactly the bytes that its record names, and to those of the Python recipe.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { USE_LITE } from '../../src/records/embedder.ts';
import { convert, PACKAGE } from '../../tools/use-lite/convert.ts';
import { useLite } from '../../tools/use-lite/graph.ts';
import { quantise } from '../../tools/use-lite/quantise.ts';
import { readWeights, type Weights } from '../../tools/use-lite/weights.ts';

/** Made by Python's onnx from the same package; lies beside the project, if at all. */
const REFERENCE = '../shared/models/use-lite/';
/** Of the file that the Python recipe writes in half precision. */
const FLOAT16 = 'c1dba5d5b143f6d7986c0eab646bb1345aa3a9f0639ec996006233027fb78f10';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const read = (path: string): Promise<Uint8Array> => readFile(`${PACKAGE}/${path}`);

let weights: Weights;
let files: Map<string, Uint8Array<ArrayBuffer>>;
beforeAll(async () => {
  weights = await readWeights(read);
  files = await convert(read, 'int8');
});

describe('the conversion', () => {
  it('gives the bytes that the record names', () => {
    const model = files.get(USE_LITE.file) ?? new Uint8Array();
    expect([sha256(model), model.length]).toEqual([USE_LITE.sha256, USE_LITE.bytes]);
  });

  it('gives other bytes when one weight moves a little', () => {
    const moved: Weights = (ending) => {
      const weight = weights(ending);
      if (!ending.endsWith('tanh_layer_0/weights')) return weight;
      return { ...weight, data: weight.data.map((value, i) => (i === 1000 ? value + 0.02 : value)) };
    };
    expect(sha256(useLite(moved, 'int8'))).not.toBe(USE_LITE.sha256);
  });

  it('gives the bytes of the Python recipe in half precision, too', () => {
    expect(sha256(useLite(weights, 'float16'))).toBe(FLOAT16);
  });

  it.skipIf(!existsSync(REFERENCE))('use-lite of the Python recipe: every file is equal', () => {
    const paths = [...files.keys()].filter((path) => path !== 'LICENSE');
    expect(paths).toHaveLength(4);
    for (const path of paths)
      expect(sha256(files.get(path) ?? new Uint8Array()), path).toBe(sha256(readFileSync(REFERENCE + path)));
  });
});

describe('eight bits', () => {
  const matrix = { shape: [2, 3], data: Float32Array.of(127, -2, 0, 2.5, 127, 0) };

  it('has one scale per row or column, 1 where all is zero, and rounds ties to even', () => {
    const rows = quantise(matrix, 'row');
    expect([...rows.scales]).toEqual([1, 1]);
    expect([...rows.values]).toEqual([127, -2, 0, 2, 127, 0]);
    const columns = quantise(matrix, 'column');
    expect([...columns.scales]).toEqual([1, 1, 1]);
    expect([...columns.values]).toEqual([127, -2, 0, 2, 127, 0]);
  });

  it('never leaves ±127', () => {
    const { values } = quantise({ shape: [1, 2], data: Float32Array.of(-3.1, 0.7) }, 'row');
    expect([...values]).toEqual([-127, 29]);
  });
});

it('says which weight is missing from the package', () => {
  expect(() => weights('no/such/weight')).toThrow('one weight must end in no/such/weight, got 0');
});
