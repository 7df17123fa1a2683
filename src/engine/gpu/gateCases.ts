// The cases of the numerics gate: every shader at least once, small, at odd sizes, on inputs that anyone can make again.
// What each must give is in gateExpected.json, computed in f64 by tools/goldens/gate.ts.
import { add } from '../ops/add.ts';
import { attention } from '../ops/attention.ts';
import { cacheWrite } from '../ops/cache.ts';
import { crossEntropy, sumLosses } from '../ops/crossEntropy.ts';
import { embedding } from '../ops/embedding.ts';
import { gatherRows } from '../ops/gatherRows.ts';
import { logprobs } from '../ops/logprobs.ts';
import { dropout } from '../ops/dropout.ts';
import { linear, matmul, matmulInto } from '../ops/matmul.ts';
import { rmsnorm } from '../ops/rmsnorm.ts';
import { rope, ropeFrequencies } from '../ops/rope.ts';
import { sample } from '../ops/sampling.ts';
import { packStepParams, recordUpdate } from '../optim.ts';
import { swiglu } from '../ops/swiglu.ts';
import { f16ToF32, f32ToF16 } from '../../formats/float16.ts';
import { defaultSampling } from '../../records/sampling.ts';
import { uniforms } from '../random.ts';
import { packRowParams, seenBitmap } from '../sampling.ts';
import { Tape } from '../tape.ts';
import { differentiate } from './differentiate.ts';
import { floats, gateCase, integers, zeros, type GateCase } from './gateCase.ts';
import { PPO_CASES } from './gateCasesPpo.ts';
import { tensor } from './tensor.ts';
import type { Tile } from './tune.ts';

export type { GateCase };

const TILED: Tile = { kernel: 'tiled', width: 8, height: 8, rows: 2, columns: 2, depth: 8 };
const DIRECT: Tile = { kernel: 'direct', width: 8, height: 8, rows: 1, columns: 1, depth: 16 };

const product = (name: string, a: number[], b: number[], y: [number, number], tile: Tile | undefined, letter: string) =>
  gateCase(
    name,
    1e-5,
    { a: floats(1, a), b: floats(2, b), bias: floats(3, [y[1]]), residual: floats(4, y) },
    (rec, { a, b, bias, residual }) => {
      if (letter === 'NT') return [matmul(rec, a, b, { transposeB: true, bias, residual }, tile)];
      return [matmul(rec, a, b, { transposeA: letter === 'TN' }, tile)];
    },
  );

/** Everything a product can have, on weights in halves; the oracle reads the same numbers from `b`. */
function halved(name: string, [rows, columns, depth, extra]: [number, number, number, number], tile?: Tile): GateCase {
  const rounded = f32ToF16(uniforms(2, 0, columns * depth).map((u) => 2 * u - 1));
  const inputs = {
    a: floats(1, [rows, depth]),
    b: { shape: [columns, depth], data: f16ToF32(rounded) },
    packed: { shape: [(columns * depth) / 2], data: new Uint32Array(rounded.buffer) },
    left: floats(3, [rows, extra]),
    right: floats(4, [columns, extra]),
    bias: floats(5, [columns]),
    residual: floats(6, [rows, columns]),
  };
  return gateCase(name, 1e-5, inputs, (rec, { a, packed, left, right, bias, residual }) => {
    const b = tensor('b', [columns, depth], 'f16', packed.slot);
    return [matmul(rec, a, b, { transposeB: true, scale: 0.5, extra: { left, right }, bias, residual }, tile)];
  });
}

const HALVES = f32ToF16(uniforms(1, 0, 7 * 12).map((u) => 2 * u - 1));

/** Row settings of the sampling case: greedy with penalty, plain, top-k, top-p. */
export const GATE_SAMPLING = [
  { temperature: 0, repetitionPenalty: 1.5 },
  { temperature: 1, seed: 4294967295 },
  { temperature: 1.5, topK: 5, seed: 2 },
  { temperature: 0.8, topP: 0.7, repetitionPenalty: 1.2, seed: 3 },
].map((change) => ({ ...defaultSampling(), maxNewTokens: 2, ...change }));
export const GATE_PROMPTS = [0, 1, 2, 3].map((row) => Array.from({ length: 40 }, (_, i) => (i * 17 + row * 5) % 301));

const PADDING = 0xffffffff;

/** Loss, hits, totals and gradient of a head with this vocabulary, in chunks of three rows; two rows are padding. */
const loss = (name: string, vocab: number): GateCase =>
  gateCase(
    name,
    1e-5,
    {
      hidden: floats(1, [8, 8], 4),
      head: floats(2, [vocab, 8]),
      index: integers([6, 3, PADDING, 0, 7, PADDING, 4]),
      targets: integers([vocab - 1, 0, 5, 61, 17, 9, 2]),
      weights: { shape: [7], data: Float32Array.from([0.25, 0.5, 0, 1, 0.125, 0, 0.75]) },
      totals: floats(3, [4]),
    },
    (rec, { totals, ...inputs }) => {
      const { hidden, weights } = inputs;
      const tape = new Tape(rec, new Map([[weights, weights]]));
      tape.note([hidden], [weights], () => undefined); // as if it had been computed from a parameter
      const { losses, hits } = crossEntropy(rec, inputs, { maxBytes: 12 * vocab });
      sumLosses(rec, { losses, hits, weights }, totals);
      tape.backward();
      return [losses, hits, tape.gradient(hidden) ?? losses, totals];
    },
  );

/** Attention of one query per row in either of its forms. */
const step = (name: string, barriers: boolean): GateCase =>
  gateCase(
    name,
    1e-5,
    {
      q: floats(1, [2, 4 * 64], 2),
      keys: floats(2, [2, 150, 2, 64], 2),
      values: floats(3, [2, 150, 2, 64]),
      starts: integers([3, 140]),
    },
    (rec, inputs) => {
      const options = { batch: 2, time: 1, ...heads, headDim: 64, capacity: 150, scale: 64 ** -0.5, barriers };
      const { out, lse } = attention(rec, inputs, options);
      return [out, lse];
    },
  );

const VOCAB = 301;
const heads = { heads: 4, kvHeads: 2 };

/** One step of the optimizer case: the clip is active. */
export const GATE_STEP = {
  lr: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-6,
  step: 3,
  clip: 1,
  weightDecay: 0.1,
};

export const GATE_CASES: readonly GateCase[] = [
  gateCase(
    'gatherRows',
    1e-6,
    { table: floats(1, [7, 21]), index: integers([6, 0, 3, 3, 5]) },
    (rec, { table, index }) => [gatherRows(rec, table, index)],
  ),
  gateCase(
    'scatterRows, zeros',
    1e-6,
    { x: floats(1, [7, 21]), index: integers([6, 0, PADDING, 3]), dy: floats(2, [4, 21]) },
    (rec, { x, index, dy }) => differentiate(rec, [x], dy, () => gatherRows(rec, x, index)),
  ),
  gateCase(
    'embeddingLinks, embeddingBackward',
    1e-6,
    {
      table: floats(1, [7, 12]),
      ids: integers([6, 0, 3, 3, 5, 0, 3]),
      dy: floats(2, [7, 12]),
      sink: floats(3, [7, 12]),
    },
    (rec, { table, ids, dy, sink }) => {
      differentiate(rec, [], dy, () => embedding(rec, ids, table), [[table, sink]]);
      return [sink];
    },
  ),
  gateCase(
    'gatherRows of halves',
    1e-6,
    {
      table: { shape: [7, 12], data: f16ToF32(HALVES) },
      packed: { shape: [42], data: new Uint32Array(HALVES.buffer) },
      index: integers([6, 0, 3, 3, 5]),
    },
    (rec, { packed, index }) => [gatherRows(rec, tensor('table', [7, 12], 'f16', packed.slot), index)],
  ),
  gateCase('rmsnorm', 1e-5, { x: floats(1, [5, 36], 3), weight: floats(2, [36]) }, (rec, { x, weight }) => {
    const { y, rstd } = rmsnorm(rec, x, weight, 1e-5);
    return [y, rstd];
  }),
  gateCase(
    'rmsnormBackward, rmsnormWeight',
    1e-5,
    { x: floats(1, [37, 36], 3), weight: floats(2, [36]), dy: floats(3, [37, 36]), sink: floats(4, [36]) },
    (rec, { x, weight, dy, sink }) => {
      const [dx] = differentiate(rec, [x], dy, () => add(rec, rmsnorm(rec, x, weight, 1e-5).y, x), [[weight, sink]]);
      return [dx ?? x, sink];
    },
  ),
  product('matmul, A·Bᵀ + bias + residual', [35, 29], [67, 29], [35, 67], TILED, 'NT'),
  product('matmul, A·B', [35, 29], [29, 67], [35, 67], TILED, 'NN'),
  product('matmul, Aᵀ·B', [29, 35], [29, 67], [35, 67], TILED, 'TN'),
  product('matmulDirect, A·Bᵀ + bias + residual', [36, 52], [44, 52], [36, 44], DIRECT, 'NT'),
  product('matmulDirect, A·B', [36, 52], [52, 44], [36, 44], DIRECT, 'NN'),
  product('matmulDirect, Aᵀ·B', [52, 36], [52, 44], [36, 44], DIRECT, 'TN'),
  product('matmul as this device chooses', [40, 64], [68, 64], [40, 68], undefined, 'NT'),
  gateCase(
    'matmulSkinny',
    1e-5,
    { x: floats(1, [2, 52]), weight: floats(2, [71, 52]), bias: floats(3, [71]), residual: floats(4, [2, 71]) },
    (rec, { x, weight, bias, residual }) => [linear(rec, x, { weight, bias }, { residual })],
  ),
  halved('matmul, halves, scale and extra', [35, 67, 30, 3], TILED),
  halved('matmulDirect, halves, scale and extra', [36, 44, 52, 8], DIRECT),
  halved('matmulSkinny, halves, scale and extra', [2, 71, 52, 4]),
  gateCase(
    'sumRows, a product in parts into a sink',
    1e-5,
    { a: floats(1, [300, 8]), b: floats(2, [300, 20]), sink: floats(3, [8, 20]) },
    (rec, { a, b, sink }) => {
      matmulInto(rec, a, b, sink, { transposeA: true });
      return [sink];
    },
  ),
  gateCase(
    'dropout',
    1e-6,
    { x: floats(1, [5, 37]), residual: floats(2, [5, 37]), random: integers([3, 7]) },
    (rec, { x, residual, random }) => [dropout(rec, x, { rate: 0.3, random, stream: 11, residual })],
  ),
  gateCase(
    'rope',
    1e-5,
    {
      q: floats(1, [2 * 5, 4 * 32]),
      k: floats(2, [2 * 5, 2 * 32]),
      starts: integers([0, 90]),
      frequencies: { shape: [16], data: ropeFrequencies({ headDim: 32, ropeTheta: 10000 }) },
    },
    (rec, inputs) => {
      const { q, k } = rope(rec, inputs, { batch: 2, time: 5, headDim: 32 });
      return [q, k];
    },
  ),
  gateCase(
    'cacheWrite',
    1e-6,
    {
      k: floats(1, [2 * 3, 2 * 8]),
      v: floats(2, [2 * 3, 2 * 8]),
      keys: floats(3, [2, 9, 2, 8]),
      values: floats(4, [2, 9, 2, 8]),
      starts: integers([0, 5]),
    },
    (rec, inputs) => {
      cacheWrite(rec, inputs);
      return [inputs.keys, inputs.values];
    },
  ),
  gateCase(
    'attention',
    1e-5,
    {
      q: floats(1, [2 * 37, 4 * 32], 2),
      keys: floats(2, [2, 48, 2, 32], 2),
      values: floats(3, [2, 48, 2, 32]),
      starts: integers([0, 7]),
    },
    (rec, inputs) => {
      const options = { batch: 2, time: 37, ...heads, headDim: 32, capacity: 48, scale: 32 ** -0.5 };
      const { out, lse } = attention(rec, inputs, options);
      return [out, lse];
    },
  ),
  gateCase(
    'attentionBackwardQ, attentionBackwardKV',
    1e-5,
    {
      q: floats(1, [2 * 37, 4 * 20], 2),
      keys: floats(2, [2, 37, 2, 20], 2),
      values: floats(3, [2, 37, 2, 20]),
      starts: integers([0, 0]),
      dOut: floats(4, [2 * 37, 4 * 20]),
    },
    (rec, { dOut, ...inputs }) => {
      const options = { batch: 2, time: 37, ...heads, headDim: 20, capacity: 37, scale: 20 ** -0.5 };
      const { q, keys, values } = inputs;
      return differentiate(rec, [q, keys, values], dOut, () => attention(rec, inputs, options).out);
    },
  ),
  step('attentionDecode', true),
  step('attentionStep', false),
  gateCase('swiglu', 1e-5, { gate: floats(1, [3, 76], 8), up: floats(2, [3, 76]) }, (rec, { gate, up }) => [
    swiglu(rec, gate, up),
  ]),
  gateCase(
    'swigluBackward',
    1e-5,
    { gate: floats(1, [3, 75], 8), up: floats(2, [3, 75]), dy: floats(3, [3, 75]) },
    (rec, { gate, up, dy }) => differentiate(rec, [gate, up], dy, () => swiglu(rec, gate, up)),
  ),
  loss('crossEntropy, crossEntropyGradient, sumLosses', 116),
  loss('crossEntropy, odd vocabulary', 117),
  ...PPO_CASES,
  gateCase('add', 1e-6, { a: floats(1, [3, 76]), b: floats(2, [3, 76]) }, (rec, { a, b }) => [add(rec, a, b)]),
  gateCase(
    'logprobs, logprobsCombine',
    1e-5,
    {
      hidden: floats(1, [37, 36], 4),
      head: floats(2, [VOCAB, 36]),
      targets: integers(Array.from({ length: 37 }, (_, r) => (r * 61) % VOCAB)),
    },
    (rec, { hidden, head, targets }) => {
      const out = logprobs(rec, hidden, head, targets);
      return [out.logprobs, out.lse, out.entropy];
    },
  ),
  gateCase(
    'sample, sampleStep',
    1e-5,
    {
      logits: floats(1, [4, VOCAB], 6),
      ids: zeros([4]),
      lengths: integers([39, 39, 39, 39]),
      count: zeros([4]),
      done: zeros([4]),
      seen: { shape: [4, Math.ceil(VOCAB / 32)], data: seenBitmap(GATE_PROMPTS, VOCAB) },
      rowParams: {
        shape: [4, 16],
        data: packRowParams(GATE_SAMPLING.map((sampling, stream) => ({ sampling, stream, eosIds: [] }))),
      },
      outIds: zeros([4, 2]),
      outLogprobs: { shape: [4, 2], data: new Float32Array(8) },
    },
    (rec, { logits, ...state }) => {
      sample(rec, logits, state);
      sample(rec, logits, state);
      return [state.outIds, state.outLogprobs, state.ids, state.lengths, state.count, state.done];
    },
  ),
  gateCase(
    'gradientNorm, clip, adamw',
    1e-5,
    {
      value: floats(1, [3, 71]),
      gradient: floats(2, [3, 71]),
      m: floats(3, [3, 71]),
      v: { shape: [3, 71], data: uniforms(4, 0, 3 * 71) },
      stepParams: { shape: [64], data: packStepParams(GATE_STEP) },
      totals: { shape: [4], data: Float32Array.of(0.5, 3, 7, 0) },
      metrics: { shape: [2, 8], data: new Float32Array(16) },
    },
    (rec, { value, gradient, m, v, ...tensors }) => {
      recordUpdate(rec, [{ value, gradient, m, v, decay: true, rate: 1 }], tensors);
      return [value, gradient, m, v, tensors.metrics, tensors.totals];
    },
  ),
];
