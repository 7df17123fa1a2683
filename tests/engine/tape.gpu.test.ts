// The tape: gradients reach what is wanted and nothing else, shared inputs add up, and recomputing gives the same bits.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import { add } from '../../src/engine/ops/add.ts';
import { swiglu } from '../../src/engine/ops/swiglu.ts';
import { Tape } from '../../src/engine/tape.ts';
import { testGpu } from '../gpu.ts';
import { noise } from '../ops/run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const SIZE = 8;
const resident = (label: string, seed: number): Tensor => gpu.tensor(label, [SIZE], 'f32', noise(SIZE, seed));

/** y = x + weight, whose gradient for the weight is added into its sink. */
function shift(rec: Recorder, x: Tensor, weight: Tensor): Tensor {
  const { tape } = rec;
  rec.tape = null;
  const y = add(rec, x, weight);
  rec.tape = tape;
  tape?.note([y], [x, weight], () => {
    const dy = tape.gradient(y);
    if (!dy) return;
    tape.give(x, dy);
    const sink = tape.sink(weight);
    if (sink) added.push([sink, dy]);
  });
  return y;
}
/** What would have been added into each sink: this test needs no kernel for that. */
let added: [sink: Tensor, gradient: Tensor][] = [];

async function run(build: (rec: Recorder) => readonly Tensor[]): Promise<Float32Array[]> {
  added = [];
  const rec = new Recorder(gpu, 'tape');
  const outputs = build(rec).map((t) => rec.keep(t));
  rec.prune();
  const program = await rec.compile();
  program.run();
  const read: Float32Array[] = [];
  for (const t of outputs) read.push(await gpu.read(t));
  program.dispose();
  return read;
}

it('an input that is used twice gets both gradients; what is not wanted gets none and costs no dispatch', async () => {
  const [w, sink, x, seed] = [resident('w', 1), resident('sink', 2), resident('x', 3), resident('seed', 4)];
  let before = 0;
  let after = 0;
  const [gradient] = await run((rec) => {
    const tape = new Tape(rec, new Map([[w, sink]]));
    const frozen = add(rec, x, x); // nothing trainable went into it
    const y = shift(rec, frozen, w);
    const z = add(rec, y, y);
    before = rec.length;
    tape.backward([[z, seed]]);
    after = rec.length;
    expect(tape.gradient(frozen)).toBeUndefined();
    expect(tape.gradient(x)).toBeUndefined();
    return [tape.gradient(y) as Tensor];
  });
  expect(after - before).toBe(1); // dy = seed + seed
  expect(gradient).toEqual(noise(SIZE, 4).map((g) => g + g));
  expect(added.map(([s]) => s)).toEqual([sink]);
});

it('an op that nothing depends on is passed over', async () => {
  const [w, sink, seed] = [resident('w', 1), resident('sink', 2), resident('seed', 4)];
  await run((rec) => {
    const tape = new Tape(rec, new Map([[w, sink]]));
    const used = shift(rec, resident('x', 3), w);
    shift(rec, used, w);
    tape.backward([[used, seed]]);
    return [used];
  });
  expect(added).toHaveLength(1);
});

it('a layer that is computed again gives the same bits as one that was kept, and its end is not computed twice', async () => {
  const [w, v, sink, x, seed] = [1, 2, 3, 4, 5].map((n) => resident(`t${n}`, n)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const lengths: number[] = [];
  const gradients: Float32Array[][] = [];
  for (const again of [false, true])
    gradients.push(
      await run((rec) => {
        const tape = new Tape(
          rec,
          new Map([
            [w, sink],
            [v, sink],
          ]),
        );
        const first = shift(rec, x, v);
        const layer = (input: Tensor): Tensor => {
          const gate = shift(rec, input, w);
          return add(rec, swiglu(rec, gate, input), input); // the input is used three times
        };
        const y = again ? tape.checkpoint(first, layer) : layer(first);
        tape.backward([[y, seed]]);
        const all = [tape.gradient(first) as Tensor, ...added.map(([, g]) => g)];
        lengths.push(rec.length);
        return all;
      }),
    );
  expect(gradients[0]?.length).toBe(3);
  expect(gradients[1]).toEqual(gradients[0]);
  expect(lengths[1]).toBeGreaterThan(lengths[0] as number);
});

it('a gradient of another size is refused in words', () => {
  const rec = new Recorder(gpu, 'tape');
  const w = resident('w', 1);
  const tape = new Tape(rec, new Map([[w, w]]));
  const y = shift(rec, resident('x', 2), w);
  expect(() => tape.backward([[y, gpu.tensor('seed', [4])]])).toThrow('tape: a gradient must have the shape');
});

it('dispatches whose results nobody reads are dropped, and only those', () => {
  const rec = new Recorder(gpu, 'prune');
  const [a, b] = [resident('a', 1), resident('b', 2)];
  const read = add(rec, a, b);
  add(rec, read, a); // nobody reads it
  rec.keep(add(rec, read, b));
  rec.prune();
  expect(rec.length).toBe(2);
});
