// What the numerics gate expects, in f64 by the oracles of the op tests.
// After a change of a case:  UPDATE_GATE=1 node scripts/vitest.mjs run --project unit tests/engine/gate.test.ts
import { checksum, sampleIndices, type GateExpected } from '../../src/engine/gpu/gate.ts';
import { GATE_PROMPTS, GATE_SAMPLING, GATE_STEP, type GateCase } from '../../src/engine/gpu/gateCases.ts';
import { GATE_PAIRS, GATE_POLICY, GATE_VALUE } from '../../src/engine/gpu/gateCasesPpo.ts';
import { adamwReference, clipReference, normReference } from '../../tests/reference/adamw.ts';
import { addReference } from '../../tests/reference/add.ts';
import { attentionGradientReference, attentionReference } from '../../tests/reference/attention.ts';
import { cacheReference } from '../../tests/reference/cache.ts';
import { dropoutReference } from '../../tests/reference/dropout.ts';
import { crossEntropyReference, sumLossesReference } from '../../tests/reference/crossEntropy.ts';
import { gatherRowsReference } from '../../tests/reference/gatherRows.ts';
import { logprobsReference } from '../../tests/reference/logprobs.ts';
import { matmulReference } from '../../tests/reference/matmul.ts';
import { pairLossReference } from '../../tests/reference/pairLoss.ts';
import { policyLossReference, valueLossReference, weighted } from '../../tests/reference/policyLoss.ts';
import { numericGradient } from '../../tests/reference/numericGradient.ts';
import { rmsnormReference } from '../../tests/reference/rmsnorm.ts';
import { ropeReference } from '../../tests/reference/rope.ts';
import { drawReference } from '../../tests/reference/sampling.ts';
import { swigluReference } from '../../tests/reference/swiglu.ts';

type Numbers = ArrayLike<number>;
/** The inputs of a case by name; whole numbers among them are small enough for f32. */
type Inputs = (name: string) => Float32Array;

const attention = (time: number, headDim: number, capacity: number) => (x: Inputs) => {
  const shape = { batch: 2, time, heads: 4, kvHeads: 2, headDim, capacity, scale: headDim ** -0.5 };
  const { out, lse } = attentionReference(shape, x('q'), x('keys'), x('values'), x('starts'));
  return [out, lse];
};

const product =
  (rows: number, columns: number, depth: number, letters: 'NN' | 'NT' | 'TN') =>
  (x: Inputs): Numbers[] => {
    const shape = { rows, columns, depth, transposeA: letters === 'TN', transposeB: letters === 'NT' };
    const extra = letters === 'NT' ? [x('bias'), x('residual')] : [];
    return [matmulReference(shape, x('a'), x('b'), ...extra)];
  };

const halved =
  (rows: number, columns: number, depth: number, extra: number) =>
  (x: Inputs): Numbers[] => {
    const shape = { rows, columns, transposeB: true };
    const more = matmulReference({ ...shape, depth: extra }, x('left'), x('right'), x('bias'), x('residual'));
    return [matmulReference({ ...shape, depth, scale: 0.5 }, x('a'), x('b'), undefined, more)];
  };

function sampling(x: Inputs): Numbers[] {
  const logits = x('logits');
  const vocab = logits.length / 4;
  const draws = GATE_SAMPLING.flatMap((settings, row) => {
    const own = logits.slice(row * vocab, (row + 1) * vocab);
    const seen = new Set(GATE_PROMPTS[row]);
    const first = drawReference(own, seen, settings, row, 0);
    const second = drawReference(own, seen.add(first.token), settings, row, 1);
    if (Math.min(first.lead, second.lead) < 1e-3)
      throw new Error(`gate: row ${row} is too close to a tie. Change its seed.`);
    return [first, second];
  });
  const tokens = draws.map((d) => d.token);
  const four = (x: number): number[] => [x, x, x, x];
  return [tokens, draws.map((d) => d.logprob), tokens.filter((_, i) => i % 2), four(41), four(2), four(2)];
}

/** Rows of dy added to those of `into` that the index names. */
function scattered(into: Numbers, index: Numbers, dy: Numbers, dim: number): Numbers {
  const sum = Array.from(into);
  for (let i = 0; i < dy.length; i++) {
    const at = (index[Math.floor(i / dim)] ?? Number.NaN) * dim + (i % dim);
    if (at < sum.length) sum[at] = (sum[at] ?? 0) + (dy[i] ?? Number.NaN);
  }
  return sum;
}

function loss(x: Inputs): Numbers[] {
  const [hidden, head, weights] = [x('hidden'), x('head'), x('weights')];
  const one = { dim: 8, index: x('index'), targets: x('targets'), weights };
  const { losses, hits } = crossEntropyReference(hidden, head, one);
  const dhidden = numericGradient((h) => crossEntropyReference(h, head, one).losses, hidden, weights);
  return [losses, hits, dhidden, plus(sumLossesReference(losses, hits, weights), x('totals'))];
}

const weightsOf = (rollout: Numbers): number[] => Array.from(rollout).filter((_, i) => i % 4 === 2);
const flat = (figures: number[][], rollout: Numbers): number[] =>
  figures.flatMap((row, r) => row.map((x) => x * (weightsOf(rollout)[r] ?? Number.NaN)));

function policy(x: Inputs): Numbers[] {
  const [hidden, head, rollout] = [x('hidden'), x('head'), x('rollout')];
  const one = { dim: 8, index: x('index'), targets: x('targets'), rollout, ...GATE_POLICY };
  const figures = policyLossReference(hidden, head, one);
  const losses = (h: Float64Array) => policyLossReference(h, head, one).map(([loss]) => loss ?? Number.NaN);
  const dhidden = numericGradient(losses, hidden, weightsOf(rollout), 1e-5);
  return [flat(figures, rollout), dhidden, plus(weighted(figures, rollout), x('totals'))];
}

function value(x: Inputs): Numbers[] {
  const one = { rollout: x('rollout'), ...GATE_VALUE };
  const figures = valueLossReference(x('values'), one);
  const losses = (v: Float64Array) => valueLossReference(v, one).map(([loss]) => loss ?? Number.NaN);
  const dvalues = numericGradient(losses, x('values'), weightsOf(one.rollout), 1e-5);
  return [flat(figures, one.rollout), dvalues, plus(weighted(figures, one.rollout), x('totals'))];
}

function pairs(x: Inputs): Numbers[] {
  const [weights, one] = [x('weights'), { margins: x('margins'), weights: x('weights'), ...GATE_PAIRS }];
  const losses = (scores: Float64Array) => pairLossReference(scores, one).losses;
  const { totals } = pairLossReference(x('scores'), one);
  return [numericGradient(losses, x('scores'), weights, 1e-5), plus(totals, x('totals'))];
}

const plus = (a: Numbers, b: Numbers): number[] => addReference(a, b);

/** By the name of the case. */
const ORACLES: Readonly<Record<string, (x: Inputs) => Numbers[]>> = {
  gatherRows: (x) => [gatherRowsReference(x('table'), x('index'), 21)],
  'gatherRows of halves': (x) => [gatherRowsReference(x('table'), x('index'), 12)],
  'scatterRows, zeros': (x) => [scattered(new Float32Array(7 * 21), x('index'), x('dy'), 21)],
  'embeddingLinks, embeddingBackward': (x) => [scattered(x('sink'), x('ids'), x('dy'), 12)],
  'rmsnormBackward, rmsnormWeight': (x) => [
    plus(
      numericGradient((v) => rmsnormReference(v, x('weight'), 1e-5).y, x('x'), x('dy')),
      x('dy'),
    ),
    plus(
      numericGradient((v) => rmsnormReference(x('x'), v, 1e-5).y, x('weight'), x('dy')),
      x('sink'),
    ),
  ],
  swigluBackward: (x) => [
    numericGradient((v) => swigluReference(v, x('up')), x('gate'), x('dy')),
    numericGradient((v) => swigluReference(x('gate'), v), x('up'), x('dy')),
  ],
  'crossEntropy, crossEntropyGradient, sumLosses': loss,
  'crossEntropy, odd vocabulary': loss,
  'policyLoss, policyGradient, sumFigures': policy,
  'policyLoss, odd vocabulary': policy,
  valueLoss: value,
  pairLoss: pairs,
  rmsnorm: (x) => {
    const { y, rstd } = rmsnormReference(x('x'), x('weight'), 1e-5);
    return [y, rstd];
  },
  'matmul, A·Bᵀ + bias + residual': product(35, 67, 29, 'NT'),
  'matmul, A·B': product(35, 67, 29, 'NN'),
  'matmul, Aᵀ·B': product(35, 67, 29, 'TN'),
  'matmulDirect, A·Bᵀ + bias + residual': product(36, 44, 52, 'NT'),
  'matmulDirect, A·B': product(36, 44, 52, 'NN'),
  'matmulDirect, Aᵀ·B': product(36, 44, 52, 'TN'),
  'matmul as this device chooses': product(40, 68, 64, 'NT'),
  matmulSkinny: (x) => {
    const shape = { rows: 2, columns: 71, depth: 52, transposeB: true };
    return [matmulReference(shape, x('x'), x('weight'), x('bias'), x('residual'))];
  },
  'matmul, halves, scale and extra': halved(35, 67, 30, 3),
  'matmulDirect, halves, scale and extra': halved(36, 44, 52, 8),
  'matmulSkinny, halves, scale and extra': halved(2, 71, 52, 4),
  'sumRows, a product in parts into a sink': (x) => [
    matmulReference({ rows: 8, columns: 20, depth: 300, transposeA: true }, x('a'), x('b'), undefined, x('sink')),
  ],
  dropout: (x) => {
    const mask = dropoutReference(185, 0.3, 3, 7, 11);
    const residual = x('residual');
    return [x('x').map((value, i) => value * (mask[i] ?? 0) + (residual[i] ?? 0))];
  },
  rope: (x) =>
    ['q', 'k'].map((name) => ropeReference({ time: 5, headDim: 32 }, x(name), x('starts'), x('frequencies'))),
  cacheWrite: (x) => {
    const shape = { batch: 2, time: 3, capacity: 9, dim: 16 };
    const starts = [...x('starts')];
    return [cacheReference(shape, x('k'), x('keys'), starts), cacheReference(shape, x('v'), x('values'), starts)];
  },
  attention: attention(37, 32, 48),
  'attentionBackwardQ, attentionBackwardKV': (x) => {
    const shape = { batch: 2, time: 37, heads: 4, kvHeads: 2, headDim: 20, scale: 20 ** -0.5 };
    const { dQ, dKeys, dValues } = attentionGradientReference(shape, x('q'), x('keys'), x('values'), x('dOut'));
    return [dQ, dKeys, dValues];
  },
  attentionDecode: attention(1, 64, 150),
  attentionStep: attention(1, 64, 150),
  swiglu: (x) => [swigluReference(x('gate'), x('up'))],
  add: (x) => [addReference(x('a'), x('b'))],
  'logprobs, logprobsCombine': (x) => {
    const { logprobs, lse, entropy } = logprobsReference(x('hidden'), x('head'), x('targets'), 36);
    return [logprobs, lse, entropy];
  },
  'sample, sampleStep': sampling,
  'gradientNorm, clip, adamw': (x) => {
    const state = { value: [...x('value')], m: [...x('m')], v: [...x('v')] };
    const norm = normReference([x('gradient')]);
    const clipped = x('gradient').map((g) => g * clipReference(norm, GATE_STEP.clip));
    adamwReference(state, clipped, GATE_STEP);
    const row = [...x('totals').slice(0, 3), norm, 0, GATE_STEP.lr, GATE_STEP.step, 0];
    const metrics = [...new Array<number>(8).fill(0), ...row]; // row 3 mod 2
    return [state.value, new Float32Array(3 * 71), state.m, state.v, metrics, new Float32Array(4)];
  },
};

/** Nine digits: more than f32 holds. */
const short = (x: number): number => Number(x.toPrecision(9));

export function gateExpected(one: GateCase): GateExpected[] {
  const oracle = ORACLES[one.name];
  if (!oracle)
    throw new Error(`gate: every case needs an oracle, got none for ${one.name}. Add it to tools/goldens/gate.ts.`);
  const outputs = oracle((name) => {
    const input = one.inputs[name];
    if (!input)
      throw new Error(`gate: ${one.name} must have an input ${name}, got ${Object.keys(one.inputs).join(', ')}.`);
    return Float32Array.from(input.data);
  });
  return outputs.map((values) => ({
    length: values.length,
    scale: short(Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0)),
    values: sampleIndices(values.length).map((i) => short(values[i] ?? Number.NaN)),
    checksum: short(checksum(values)),
  }));
}
