// Log-probs without logits: the oracle's numbers at every edge, large logits, and the same as sampling reports.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { logprobs } from '../../src/engine/ops/logprobs.ts';
import { linear } from '../../src/engine/ops/matmul.ts';
import { sample } from '../../src/engine/ops/sampling.ts';
import { createSampleState, startRows } from '../../src/engine/sampling.ts';
import { f16ToF32, f32ToF16 } from '../../src/formats/float16.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { testGpu } from '../gpu.ts';
import { logprobsReference } from '../reference/logprobs.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
});

interface Case {
  hidden: Float32Array<ArrayBuffer>;
  head: Float32Array<ArrayBuffer>;
  targets: Uint32Array<ArrayBuffer>;
  rows: number;
  vocab: number;
  dim: number;
}

/** Logits within about ±spread; the targets reach the first and the last token. */
function make(rows: number, vocab: number, dim: number, spread = 4): Case {
  const hidden = noise(rows * dim, rows + vocab).map((x) => x * spread);
  const head = noise(vocab * dim, dim).map((x) => x / Math.sqrt(dim / 3));
  const targets = Uint32Array.from({ length: rows }, (_, r) => (r === 0 ? vocab - 1 : (r * 7919) % vocab));
  return { hidden, head, targets, rows, vocab, dim };
}

const run = ({ hidden, head, targets, rows, vocab, dim }: Case, temperature?: number) =>
  runOp(gpu, (rec) => {
    const out = logprobs(
      rec,
      gpu.tensor('hidden', [rows, dim], 'f32', hidden),
      gpu.tensor('head', [vocab, dim], 'f32', head),
      gpu.tensor('targets', [rows], 'u32', targets),
      { temperature },
    );
    return [out.logprobs, out.lse, out.entropy];
  });

describe('equals the oracle', () => {
  it.each([
    [1, 1, 4],
    [1, 3, 4],
    [2, 31, 8],
    [3, 128, 12],
    [33, 129, 36],
    [31, 515, 64],
    [67, 3072, 128],
    [5, 17001, 16],
  ])('%i rows, vocabulary %i, width %i', async (rows, vocab, dim) => {
    const c = make(rows, vocab, dim);
    const [got, lse, entropy] = await run(c, 0.7);
    const want = logprobsReference(c.hidden, c.head, c.targets, dim, 0.7);
    expectClose(got!, want.logprobs, 1e-5);
    expectClose(lse!, want.lse, 1e-5);
    expectClose(entropy!, want.entropy, 1e-5);
    if (vocab < 31) return; // mutations that must show: another target, no temperature
    const shifted = logprobsReference(
      c.hidden,
      c.head,
      c.targets.map((t) => (t + 1) % vocab),
      dim,
      0.7,
    );
    expect(worst(got!, shifted.logprobs).error).toBeGreaterThan(1e-3);
    expect(worst(entropy!, logprobsReference(c.hidden, c.head, c.targets, dim).entropy).error).toBeGreaterThan(1e-3);
  });

  it('with logits of ±80, where a plain sum of exponentials would overflow', async () => {
    const c = make(40, 300, 32, 60);
    const [got, lse, entropy] = await run(c);
    const want = logprobsReference(c.hidden, c.head, c.targets, 32);
    expect(want.lse.reduce((a, b) => Math.max(a, b))).toBeGreaterThan(80);
    expectClose(got!, want.logprobs, 1e-5);
    expectClose(lse!, want.lse, 1e-5);
    expectClose(entropy!, want.entropy, 2e-5);
  });
});

it.each([30, 31, 127, 511, 3071])('counts the last token of a vocabulary of %i + 1', async (last) => {
  const c = make(2, last + 1, 8, 0);
  c.hidden.fill(1);
  c.head.fill(0).fill(2, last * 8); // the last logit is 16, all others 0
  const [, lse] = await run(c);
  expectClose(
    lse!,
    [16, 16].map((x) => x + Math.log1p(last * Math.exp(-x))),
    1e-6,
  );
});

it('gives the same bits on every run', async () => {
  const c = make(37, 700, 64);
  expect(await run(c)).toEqual(await run(c));
});

it.each([1, 0.6, 1.7])('gives what sampling reports for its own tokens at temperature %f', async (temperature) => {
  const c = make(9, 777, 64);
  const state = createSampleState(gpu, c.rows, c.vocab, 1);
  const sampling = { ...defaultSampling(), temperature, topP: 0.9, repetitionPenalty: 1.3 };
  const rows = Array.from({ length: c.rows }, (_, stream) => ({ sampling, stream, eosIds: [], promptIds: [1, 2, 3] }));
  startRows(gpu, state, rows, c.vocab);
  const [logits] = await runOp(gpu, (rec) => {
    const x = linear(rec, gpu.tensor('hidden', [c.rows, c.dim], 'f32', c.hidden), {
      weight: gpu.tensor('head', [c.vocab, c.dim], 'f32', c.head),
    });
    sample(rec, x, state);
    return [x];
  });
  expect(logits!.length).toBe(c.rows * c.vocab);
  const sampled = await gpu.read(state.outLogprobs);
  const [again] = await run({ ...c, targets: await gpu.readU32(state.outIds) }, temperature);
  expectClose(again!, sampled, 1e-5);
});

it('reads a head of halves', async () => {
  const c = make(9, 131, 12);
  const halves = f32ToF16(c.head);
  const [got, lse, entropy] = await runOp(gpu, (rec) => {
    const head = gpu.tensor('head', [c.vocab, c.dim], 'f16', new Uint32Array(halves.buffer));
    const hidden = gpu.tensor('hidden', [c.rows, c.dim], 'f32', c.hidden);
    const out = logprobs(rec, hidden, head, gpu.tensor('targets', [c.rows], 'u32', c.targets));
    return [out.logprobs, out.lse, out.entropy];
  });
  const want = logprobsReference(c.hidden, f16ToF32(halves), c.targets, c.dim);
  expectClose(got!, want.logprobs, 1e-5);
  expectClose(lse!, want.lse, 1e-5);
  expectClose(entropy!, want.entropy, 1e-5);
  expect(worst(got!, logprobsReference(c.hidden, c.head, c.targets, c.dim).logprobs).error).toBeGreaterThan(1e-5);
});
