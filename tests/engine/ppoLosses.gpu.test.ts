// One PPO update through the ops equals torch and peft: losses, figures, gradients of both adapters and the head, and all
// values after clip and AdamW; on padded answers of unlike lengths. Every fault shows by far.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import { scalarHead } from '../../src/engine/heads.ts';
import { createAdapter } from '../../src/engine/lora.ts';
import { forward, loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { gatherRows } from '../../src/engine/ops/gatherRows.ts';
import { policyLoss, type PolicyOptions } from '../../src/engine/ops/policyLoss.ts';
import { valueLoss, type ValueOptions } from '../../src/engine/ops/valueLoss.ts';
import { createGroup, METRIC_WORDS, packStepParams, recordUpdate, STEP_WORDS } from '../../src/engine/optim.ts';
import { Tape } from '../../src/engine/tape.ts';
import { trainAdapter } from '../../src/engine/training/plan.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';
import { distance } from './loraGoldens.ts';
import { ppoGolden, type PpoCase, type PpoGolden, type PpoRow } from './ppoGoldens.ts';

const TOLERANCE = 1e-4;
const PADDING = 0xffffffff;

let gpu: Gpu;
let model: Llama;
let golden: PpoGolden;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  [model, golden] = await Promise.all([loadLlama(gpu, filesIn('tests/goldens/llama')), ppoGolden()]);
});
afterAll(() => gpu.destroy());

/** The rows as a padded batch; every answer has room for one token more than the longest. */
function batchOf(rows: readonly PpoRow[], wanted: PpoCase) {
  const time = Math.max(...rows.map(({ prompt, completion }) => prompt.length + completion.length));
  const each = Math.max(...rows.map(({ completion }) => completion.length)) + 1;
  const count = rows.length * each;
  const weight = 1 / rows.reduce((sum, { completion }) => sum + completion.length, 0);
  const arrays = {
    ids: new Uint32Array(rows.length * time).fill(2),
    index: new Uint32Array(count).fill(PADDING),
    targets: new Uint32Array(count),
    policy: new Float32Array(4 * count),
    value: new Float32Array(4 * count),
  };
  rows.forEach(({ prompt, completion, logprobs, values }, i) => {
    arrays.ids.set([...prompt, ...completion], i * time);
    completion.forEach((id, t) => {
      const at = i * each + t;
      arrays.index[at] = i * time + prompt.length - 1 + t;
      arrays.targets[at] = id;
      arrays.policy.set([logprobs[t]!, wanted.advantages[i]![t]!, weight], 4 * at);
      arrays.value.set([values[t]!, wanted.returns[i]![t]!, weight], 4 * at);
    });
  });
  return { batch: rows.length, time, arrays };
}
type Arrays = ReturnType<typeof batchOf>['arrays'];

interface Fault {
  change?: (arrays: Arrays) => void;
  policy?: Partial<PolicyOptions>;
  value?: Partial<ValueOptions>;
  clip?: number;
  step?: number;
}

/** Everything found, by name; gradients before the clip, and what follows from the update. */
async function compute(wanted: PpoCase, number: number, fault: Fault = {}) {
  const { config: at } = wanted;
  const { batch, time, arrays } = batchOf(golden.rows, wanted);
  fault.change?.(arrays);
  const made: Tensor[] = [];
  const own = (label: string, shape: number[], data?: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Tensor => {
    const t = gpu.tensor(label, shape, data instanceof Uint32Array ? 'u32' : 'f32', data);
    made.push(t);
    return t;
  };
  const rows = arrays.index.length;
  const starts = own('starts', [batch], new Uint32Array(batch));
  const [index, targets] = [own('index', [rows], arrays.index), own('targets', [rows], arrays.targets)];
  const base = { ids: own('ids', [batch * time], arrays.ids), starts, batch, time };
  const [policyTotals, valueTotals] = [own('policy', [8]), own('value', [4])];
  const adapters = (['policy', 'value'] as const).map((role) =>
    createAdapter(gpu, model.config, golden.settings[role], golden.adapter(model.config, role)),
  );
  const [policy, value] = adapters as [(typeof adapters)[0], (typeof adapters)[0]];
  const head = own('head', [1, model.config.hiddenSize], golden.head());
  const trained = [trainAdapter(gpu, policy), trainAdapter(gpu, value)];
  const groups = [...trained.flatMap((one) => one.groups), createGroup(gpu, head, true)];
  const stored = (which: string) => [
    golden.adapter(model.config, 'policy', which),
    golden.adapter(model.config, 'value', which),
    golden.head(which),
  ];
  groups.forEach((group, i) => {
    gpu.write(group.m, stored(' m')[i]!);
    gpu.write(group.v, stored(' v')[i]!);
    made.push(group.gradient, group.m, group.v);
  });

  const run = async (rec: Recorder): Promise<void> => {
    rec.prune();
    const program = await rec.compile();
    for (const arena of program.arenas) gpu.device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(0xff));
    program.run();
    await gpu.idle();
    program.dispose();
  };
  {
    const rec = new Recorder(gpu, 'policy');
    const tape = new Tape(rec, trained[0]!.parameters);
    const hidden = forward(rec, model, { ...base, adapter: policy });
    policyLoss(
      rec,
      {
        hidden,
        head: model.weights.head,
        index,
        targets,
        rollout: own('p', [rows, 4], arrays.policy),
        totals: policyTotals,
      },
      { ...at, inverseTemperature: 1 / at.temperature, ...fault.policy },
    );
    tape.backward();
    await run(rec);
  }
  {
    const rec = new Recorder(gpu, 'value');
    const tape = new Tape(rec, new Map([...trained[1]!.parameters, [head, groups[2]!.gradient]]));
    const hidden = forward(rec, model, { ...base, adapter: value });
    const values = scalarHead(rec, gatherRows(rec, hidden, index), { weight: head });
    const rollout = own('v', [rows, 4], arrays.value);
    valueLoss(
      rec,
      { values, rollout, totals: valueTotals },
      { valueClip: at.valueClip, coef: at.valueCoef, ...fault.value },
    );
    tape.backward();
    await run(rec);
  }
  const gradients = await Promise.all(groups.map(({ gradient }) => gpu.read(gradient)));
  const stepParams = own('stepParams', [STEP_WORDS], new Uint32Array(STEP_WORDS));
  const [totals, metrics] = [own('totals', [4]), own('metrics', [1, METRIC_WORDS])];
  const rec = new Recorder(gpu, 'update');
  recordUpdate(rec, groups, { stepParams, totals, metrics });
  const { step, learningRate: lr, clip, weightDecay } = golden.optimizer;
  gpu.write(stepParams, packStepParams({ lr, step: fault.step ?? step, clip: fault.clip ?? clip, weightDecay }));
  await run(rec);
  const after = await Promise.all(groups.map((group) => gpu.read(group.value)));
  const [p, v, m] = [await gpu.read(policyTotals), await gpu.read(valueTotals), await gpu.read(metrics)];
  for (const t of [...made, ...adapters.map(({ flat }) => flat)]) t.slot?.buffer.destroy();

  const {
    policyLoss: loss,
    meanEntropy,
    clipped,
    ratio,
    approxKl,
    drift,
    valueLoss: missed,
    valueClipped,
    norm,
  } = wanted;
  const figures = [loss, meanEntropy, clipped, ratio, approxKl, drift, missed, valueClipped, norm];
  const found = [...p.subarray(0, 6), ...v.subarray(0, 2), m[3]!];
  const begun = stored('');
  const moves = (to: Float32Array, i: number) => Array.from(to, (x, k) => x - begun[i]![k]!);
  return {
    figures: Math.max(...figures.map((want, i) => Math.abs(found[i]! - want) / Math.max(1, Math.abs(want)))),
    gradients: Math.max(...stored(` gradient ${number}`).map((want, i) => distance(gradients[i]!, want))),
    /** Of the values, and of how far they have moved. */
    values: Math.max(...stored(` new ${number}`).map((want, i) => distance(after[i]!, want))),
    moves: Math.max(...stored(` new ${number}`).map((want, i) => distance(moves(after[i]!, i), moves(want, i)))),
  };
}

const shifted = (x: Float32Array, column: number): void => {
  for (let i = column; i < x.length; i += 4) x[i] = x[i + 4] ?? 0;
};

const FAULTS: [string, Fault][] = [
  ['targets of the next position', { change: ({ targets }) => void targets.set(targets.slice(1)) }],
  [
    'states after the drawn tokens',
    { change: ({ index }) => index.forEach((at, r) => at !== PADDING && (index[r] = at + 1)) },
  ],
  ['advantages of the next token', { change: ({ policy }) => shifted(policy, 1) }],
  ['returns of the next token', { change: ({ value }) => shifted(value, 1) }],
  [
    'a mean over padding, too',
    { change: ({ policy }) => policy.forEach((x, i) => i % 4 === 2 && (policy[i] = x / 2)) },
  ],
  ['a temperature left out of a ratio', { policy: { inverseTemperature: 1.3 } }],
  ['an entropy of the other sign', { policy: { entropyCoef: -0.05 } }],
  ['no clip of the ratio', { policy: { clipRange: 100 } }],
  ['no clip of the value', { value: { valueClip: 100 } }],
];

describe.each([0, 1])('case %i', (number) => {
  it('gives the losses, gradients and new values of torch', async () => {
    const found = await compute(golden.cases[number]!, number);
    for (const [name, error] of Object.entries(found)) expect(error, name).toBeLessThan(TOLERANCE);
  });

  it.each(FAULTS)('sees %s', async (_, fault) => {
    const { figures, gradients } = await compute(golden.cases[number]!, number, fault);
    expect(Math.max(figures, gradients)).toBeGreaterThan(100 * TOLERANCE);
  });

  it.each<[string, Fault]>([
    ['no clip of the norm', { clip: 0 }],
    ['another step of AdamW', { step: 1 }],
  ])('sees %s', async (_, fault) => {
    expect((await compute(golden.cases[number]!, number, fault)).moves).toBeGreaterThan(100 * TOLERANCE);
  });
});
