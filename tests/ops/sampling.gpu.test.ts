// Sampling on the GPU: the oracle's tokens, the right distribution, exact truncation, reproducible draws, honest ends.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import { sample } from '../../src/engine/ops/sampling.ts';
import { uniforms } from '../../src/engine/random.ts';
import { createSampleState, startRows, type SampleRow } from '../../src/engine/sampling.ts';
import { defaultSampling, type Sampling } from '../../src/records/sampling.ts';
import { testGpu } from '../gpu.ts';
import { drawReference } from '../reference/sampling.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
});

interface Row extends SampleRow {
  logits: ArrayLike<number>;
}

const row = (logits: ArrayLike<number>, sampling: Partial<Sampling> = {}, rest: Partial<SampleRow> = {}): Row => ({
  logits,
  sampling: { ...defaultSampling(), temperature: 1, ...sampling },
  stream: 0,
  eosIds: [],
  promptIds: [0],
  ...rest,
});

/** Draws `steps` tokens a row from logits that stay the same, replaying one program, and reads the whole state. */
async function draw(rows: Row[], steps: number, maxNew = steps) {
  const vocab = rows[0]!.logits.length;
  const batch = rows.length;
  const all = new Float32Array(batch * vocab);
  rows.forEach((r, b) => all.set(Array.from(r.logits), b * vocab));
  const logits = gpu.tensor('logits', [batch, vocab], 'f32', all);
  const state = createSampleState(gpu, batch, vocab, maxNew);
  startRows(gpu, state, rows, vocab);
  const rec = new Recorder(gpu, 'sample');
  sample(rec, logits, state);
  const program = await rec.compile();
  for (let i = 0; i < steps; i++) program.run();
  const ids = await gpu.readU32(state.outIds);
  const logprobs = await gpu.read(state.outLogprobs);
  const [last, lengths, count, done, seen] = await Promise.all(
    [state.ids, state.lengths, state.count, state.done, state.seen].map((t) => gpu.readU32(t)),
  );
  program.dispose();
  for (const t of [logits, ...Object.values(state)]) t.slot?.buffer.destroy();
  expect(gpu.uncaptured).toBeNull();
  const cut = <T extends Float32Array | Uint32Array>(x: T, b: number) =>
    Array.from(x.slice(b * maxNew, (b + 1) * maxNew));
  return {
    ids: rows.map((_, b) => cut(ids, b)),
    logprobs: rows.map((_, b) => cut(logprobs, b)),
    last: last!,
    lengths: lengths!,
    count: count!,
    done: done!,
    seen: seen!,
  };
}

/** Logits of every size between −spread and spread, from Philox. */
const randomLogits = (vocab: number, seed: number, spread = 6): Float32Array =>
  uniforms(seed, 1, vocab).map((u) => (2 * u - 1) * spread);

/** Rows with settings of every kind. */
function randomRows(count: number, vocab: number, seed: number): Row[] {
  return Array.from({ length: count }, (_, b) => {
    const [t = 0, k = 0, p = 0, r = 0, ...prompt] = uniforms(seed + b, 2, 12);
    return row(
      randomLogits(vocab, seed + b),
      {
        temperature: t < 0.15 ? 0 : 0.3 + 1.5 * t,
        topK: k < 0.5 ? 0 : Math.ceil((k - 0.5) * 2 * Math.min(vocab, 200)),
        topP: p < 0.5 ? 1 : Math.max(0.05, (p - 0.5) * 2),
        repetitionPenalty: r < 0.4 ? 1 : 1 + r,
        seed: Math.floor(t * 4294967295),
      },
      { stream: b % 3, promptIds: prompt.map((u) => Math.floor(u * vocab)) },
    );
  });
}

describe('the tokens are those of the f64 oracle', () => {
  const steps = 3;
  it.each([
    [48, 5],
    [64, 37],
    [48, 259],
    [16, 3072],
  ])('%i rows, vocabulary %i, %#', async (count, vocab) => {
    const rows = randomRows(count, vocab, 100 * vocab);
    const got = await draw(rows, steps);
    let ties = 0;
    const differs = { penalty: 0, temperature: 0, topK: 0, topP: 0, stream: 0 };
    rows.forEach((r, b) => {
      const seen = new Set(r.promptIds);
      for (let n = 0; n < steps; n++) {
        const want = drawReference(r.logits, seen, r.sampling, r.stream, n);
        const id = got.ids[b]![n]!;
        if (want.lead < 1e-5) ties++;
        else expect(id, `row ${b} step ${n}: ${JSON.stringify(r.sampling)}`).toBe(want.token);
        if (id === want.token) expect(Math.abs(got.logprobs[b]![n]! - want.logprob)).toBeLessThan(1e-5);
        const other = (change: Partial<Sampling>, stream = r.stream): number =>
          Number(drawReference(r.logits, seen, { ...r.sampling, ...change }, stream, n).token !== id);
        differs.penalty += other({ repetitionPenalty: 1 });
        differs.temperature += other({ temperature: 2 });
        differs.topK += other({ topK: 1 });
        differs.topP += other({ topP: 0.05 });
        differs.stream += other({}, r.stream + 1);
        seen.add(id);
      }
    });
    expect(ties).toBeLessThan(4);
    for (const [what, n] of Object.entries(differs)) expect(n, `${what} is visible`).toBeGreaterThan(count / 16);
  });

  it('at a vocabulary of 262,144', async () => {
    const logits = randomLogits(262_144, 3, 10);
    const rows = [row(logits, { seed: 1 }), row(logits, { seed: 2, topK: 200, topP: 0.5, temperature: 2 })];
    const got = await draw(rows, 1);
    rows.forEach((r, b) => {
      const want = drawReference(logits, new Set([0]), r.sampling, 0, 0);
      expect(got.ids[b]![0], `row ${b}`).toBe(want.token);
      expect(Math.abs(got.logprobs[b]![0]! - want.logprob)).toBeLessThan(1e-5);
    });
  });
});

describe('the distribution is softmax', () => {
  const logits = [0.2, -1, 1.5, 0, 2, -3, 0.9, 0.9, -0.4, 1.1];
  const chi2 = (ids: number[], probabilities: number[]): number => {
    const n = ids.length;
    const found = probabilities.map((_, i) => ids.filter((id) => id === i).length);
    return probabilities.reduce((sum, p, i) => sum + (p ? (found[i]! - n * p) ** 2 / (n * p) : 0), 0);
  };
  const softmax = (x: number[], t = 1): number[] => {
    const e = x.map((l) => Math.exp(l / t));
    return e.map((v) => v / e.reduce((a, b) => a + b));
  };

  it('over seeds, streams and positions; and the test sees a temperature of 1.25', async () => {
    const rows = Array.from({ length: 256 }, (_, b) => row(logits, { seed: b >> 1 }, { stream: b & 1 }));
    const ids = (await draw(rows, 16)).ids;
    expect(chi2(ids.flat(), softmax(logits))).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
    expect(chi2(ids.flat(), softmax(logits, 1.25))).toBeGreaterThan(60);
    // Neighbouring seeds, streams and positions are independent: pairs agree as often as chance says.
    const chance = softmax(logits).reduce((sum, p) => sum + p * p, 0);
    const pairs = (agree: (b: number, n: number) => boolean): number => {
      let same = 0;
      for (let b = 0; b < 254; b++) for (let n = 0; n < 15; n++) same += Number(agree(b, n));
      return (same / (254 * 15) - chance) / Math.sqrt((chance * (1 - chance)) / (254 * 15));
    };
    expect(Math.abs(pairs((b, n) => ids[b]![n] === ids[b]![n + 1]))).toBeLessThan(4);
    expect(Math.abs(pairs((b, n) => ids[b]![n] === ids[b + 1]![n]))).toBeLessThan(4);
    expect(Math.abs(pairs((b, n) => ids[b]![n] === ids[b + 2]![n]))).toBeLessThan(4);
  });

  it('renormalised over what top-p keeps', async () => {
    const rows = Array.from({ length: 128 }, (_, b) => row(logits, { seed: b, topP: 0.6 }));
    const p = softmax(logits);
    const kept = new Set([4, 2, 9]); // 0.35 + 0.21 + 0.14 ≥ 0.6 > 0.35 + 0.21
    const total = [...kept].reduce((sum, i) => sum + p[i]!, 0);
    const ids = (await draw(rows, 8)).ids.flat();
    expect(new Set(ids)).toEqual(kept);
    expect(
      chi2(
        ids,
        p.map((v, i) => (kept.has(i) ? v / total : 0)),
      ),
    ).toBeLessThan(13.8); // 2 degrees, p = 0.001
  });
});

describe('truncation', () => {
  const drawn = async (logits: number[], sampling: Partial<Sampling>): Promise<number[]> => {
    const rows = Array.from({ length: 16 }, (_, b) => row(logits, { seed: b, temperature: 2, ...sampling }));
    return [...new Set((await draw(rows, 8)).ids.flat())].sort((a, b) => a - b);
  };
  it('top-k keeps the k likeliest, and equal ones together', async () => {
    expect(await drawn([1, 3, 2, 2, -1, 0], { topK: 1 })).toEqual([1]);
    expect(await drawn([1, 3, 2, 2, -1, 0], { topK: 2 })).toEqual([1, 2, 3]);
    expect(await drawn([1, 3, 2, 2, -1, 0], { topK: 4 })).toEqual([0, 1, 2, 3]);
    expect(await drawn([-1, -3, -2, -2.5], { topK: 3 })).toEqual([0, 2, 3]);
    expect(await drawn([1, 2, 3], { topK: 200 })).toEqual([0, 1, 2]);
  });
  it('top-p keeps the smallest set that reaches p, at least one', async () => {
    const quarters = [0, 0, 0, 0].map((x, i) => x + Math.log([0.4, 0.1, 0.3, 0.2][i]!) * 2); // temperature 2
    expect(await drawn(quarters, { topP: 0.05 })).toEqual([0]);
    expect(await drawn(quarters, { topP: 0.39 })).toEqual([0]);
    expect(await drawn(quarters, { topP: 0.41 })).toEqual([0, 2]);
    expect(await drawn(quarters, { topP: 0.69 })).toEqual([0, 2]);
    expect(await drawn(quarters, { topP: 0.71 })).toEqual([0, 2, 3]);
    expect(await drawn(quarters, { topP: 0.99 })).toEqual([0, 1, 2, 3]);
  });
  it('top-p counts only what top-k kept', async () => {
    const logits = [0.4, 0.1, 0.3, 0.2].map((p) => Math.log(p) * 2);
    expect(await drawn(logits, { topK: 2, topP: 0.56 })).toEqual([0]); // 0.4 / 0.7 = 0.571
    expect(await drawn(logits, { topK: 2, topP: 0.58 })).toEqual([0, 2]);
  });
});

describe('greedy', () => {
  it('takes the lowest id of equal logits, wherever they lie', async () => {
    const flat = new Float32Array(1000).fill(-2);
    const late = flat.map((x, i) => (i === 701 || i === 998 ? 5 : x));
    const near = flat.map((x, i) => (i >= 257 && i < 260 ? 5 : x));
    const got = await draw(
      [row(flat, { temperature: 0 }), row(late, { temperature: 0 }), row(near, { temperature: 0 })],
      1,
    );
    expect(got.ids.flat()).toEqual([0, 701, 257]);
  });
  it('divides positive and multiplies negative logits of seen tokens, its own included', async () => {
    const sampling = { temperature: 0, repetitionPenalty: 2 };
    const got = await draw([row([1, 3, 2, 0.5], sampling, { promptIds: [3] }), row([-1, -1.5, -4, -1.2], sampling)], 3);
    expect(got.ids).toEqual([
      [1, 2, 1],
      [3, 1, 0],
    ]);
  });
});

describe('reproducible', () => {
  it('a row draws the same whatever its place in the batch, and twice the same, bitwise', async () => {
    const rows = randomRows(12, 300, 77);
    const a = await draw(rows, 4);
    const b = await draw(rows.slice().reverse(), 4);
    const again = await draw(rows, 4);
    expect(b.ids.reverse()).toEqual(a.ids);
    expect(b.logprobs.reverse()).toEqual(a.logprobs);
    expect(again).toEqual(a);
  });
});

describe('the row state', () => {
  it('ends on an end token, on maxNewTokens, and leaves ended rows alone', async () => {
    const logits = Array.from({ length: 40 }, (_, i) => (i === 33 ? 9 : i === 35 ? 8 : 0));
    const greedy = { temperature: 0, maxNewTokens: 5 };
    const rows = [
      row(logits, { ...greedy }, { eosIds: [1, 33], promptIds: [4, 5, 6] }), // end token at once
      row(logits, { ...greedy, maxNewTokens: 2 }, { promptIds: [4, 33] }), // length
      row(logits, { ...greedy, repetitionPenalty: 2 }, { eosIds: [35], promptIds: [7] }), // 33, then 35
      row(logits, { ...greedy }, { eosIds: [0], promptIds: [8, 9] }), // goes on
      row(logits, { ...greedy, maxNewTokens: 1 }, { eosIds: [33] }), // both at once: the end token wins
    ];
    const got = await draw(rows, 4, 6);
    expect([...got.done]).toEqual([1, 2, 1, 0, 1]);
    expect([...got.count]).toEqual([1, 2, 2, 4, 1]);
    expect([...got.lengths]).toEqual([3, 3, 2, 5, 1]); // prompt − 1 + drawn
    expect([...got.last]).toEqual([33, 33, 35, 33, 33]);
    expect(got.ids).toEqual([
      [33, 0, 0, 0, 0, 0],
      [33, 33, 0, 0, 0, 0],
      [33, 35, 0, 0, 0, 0],
      [33, 33, 33, 33, 0, 0],
      [33, 0, 0, 0, 0, 0],
    ]);
    expect([...got.seen.slice(0, 4)]).toEqual([0b1110000, 0b10, 0b10000, 0b10]);
    expect([...got.seen.slice(4, 6)]).toEqual([1 << 7, 0b1010]);
    expect(got.logprobs.map((l) => l.filter((x) => x < 0).length)).toEqual([1, 2, 2, 4, 1]);
  });
  it('never writes beyond its own row, even when asked for more than fits', async () => {
    const logits = [0, 9, 0];
    const rows = [
      row(logits, { temperature: 0, maxNewTokens: 64 }),
      row([5, 0, 0], { temperature: 0, maxNewTokens: 64 }),
    ];
    const got = await draw(rows, 5, 3);
    expect(got.ids).toEqual([
      [1, 1, 1],
      [0, 0, 0],
    ]);
    expect([...got.done]).toEqual([2, 2]);
    expect([...got.count]).toEqual([3, 3]);
  });
});
