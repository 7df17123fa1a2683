// Rows of embeddings come back as they were kept, and a file that is not whole is refused in words.
import { describe, expect, it } from 'vitest';
import { readRows, readRowsHeader, rowsFirst, rowsPath, writeRows } from '../../src/formats/rows.ts';
import { openSafetensors } from '../../src/formats/safetensors.ts';

const origin = { embedder: 'tiny abc 3', plan: 'f00d', first: 256 };
const values = Float32Array.from([1, -2, 3.5, 0, 1e-30, -0]); // [2, 3]
const file = writeRows(values, 3, origin);

describe('rows', () => {
  it('come back with what made them, values bit by bit', () => {
    const read = readRows(file, 'rows');
    expect(read).toMatchObject({ ...origin, count: 2, dim: 3, bytes: file.length });
    expect(new Uint8Array(read.rows.slice().buffer)).toEqual(new Uint8Array(values.slice().buffer));
  });
  it('are read wherever the bytes lie in memory', () => {
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(readRows(shifted.subarray(1), 'rows').rows).toEqual(values);
  });
  it('are safetensors that any reader opens', async () => {
    async function* once() {
      yield file;
    }
    const { header, parts } = await openSafetensors(once(), 'rows');
    expect(header.tensors).toMatchObject([{ name: 'rows', dtype: 'F32', shape: [2, 3] }]);
    expect(header.metadata).toEqual({ embedder: 'tiny abc 3', plan: 'f00d', first: '256' });
    for await (const { values: part } of parts) expect(part).toEqual(values);
  });
  it('tell what they are by their first bytes alone', () => {
    const long = writeRows(new Float32Array(300 * 512), 512, origin);
    expect(readRowsHeader(long.subarray(0, 4096), 'rows')).toMatchObject({ ...origin, count: 300, bytes: long.length });
  });
  it('lie in a folder of their document, named by their first chunk', () => {
    expect(rowsPath('d1', 256)).toBe('rows/d1/256.safetensors');
    expect(['256.safetensors', '0.safetensors', 'x.safetensors', '256.bin', '-1.safetensors'].map(rowsFirst)).toEqual([
      256,
      0,
      null,
      null,
      null,
    ]);
  });
});

describe('a broken file is refused in words', () => {
  it.each([
    ['cut in its values', file.subarray(0, file.length - 1), /must be \d+ bytes long, got \d+\. Index/],
    ['cut in its header', file.subarray(0, 40), /the header must end within 40 bytes, got/],
    ['empty', new Uint8Array(), /at least 8 bytes long, got 0/],
  ])('%s', (_, bytes, message) => {
    expect(() => readRows(bytes, 'rows')).toThrow(message);
  });
  it('without its origin', async () => {
    const { writeSafetensors } = await import('../../src/formats/safetensors.ts');
    const bare = writeSafetensors([{ name: 'rows', shape: [2, 3], values, dtype: 'F32' }]);
    expect(() => readRows(bare, 'rows')).toThrow(/must say embedder, plan and first/);
    const other = writeSafetensors([{ name: 'other', shape: [2, 3], values, dtype: 'F32' }], { plan: 'x' });
    expect(() => readRows(other, 'rows')).toThrow(/one tensor "rows" \[count, dim\] F32, got other/);
  });
});
