// Our contender of the step bench: the trainer's own step over random weights that never see a file.
import type { Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, loraParts } from '../../src/engine/lora.ts';
import { disposeWeights } from '../../src/engine/models/weights.ts';
import { disposeGroup } from '../../src/engine/optim.ts';
import { trainAdapter } from '../../src/engine/training/plan.ts';
import { recordStep, STEPS_AHEAD } from '../../src/engine/training/step.ts';
import type { Contender } from './context.ts';
import { randomModel, transposed } from './randomModel.ts';
import type { Workload } from './workload.ts';

/** Steps count from here: jax-js's Adam has no bias corrections, and after so many steps ours are 1. */
const LATE = 100_000;

export async function oursStep(gpu: Gpu, w: Workload) {
  const { batch, time } = w;
  const model = await randomModel(gpu, w);
  const settings = {
    rank: w.rank,
    alpha: 2 * w.rank,
    rsLora: false,
    dropout: 0,
    targets: ['q_proj', 'v_proj'],
  } as const;
  const { parts, length } = loraParts(model.config, settings);
  const values = new Float32Array(length); // B stays 0
  const starts = w.numbers.flatMap(({ a }) => [a.q, a.v]);
  starts.forEach((a, i) => values.set(transposed(a), parts[2 * i]?.offset)); // A, then B of each linear
  const adapter = createAdapter(gpu, model.config, settings, values);
  const trainable = trainAdapter(gpu, adapter);
  const bucket = { batch, time, rows: batch * time };
  const step = await recordStep(gpu, model, { adapter, trainable, train: [bucket], evaluate: [] });
  const microbatch = {
    bucket,
    ids: Uint32Array.from(w.ids),
    index: Uint32Array.from(w.ids, (_, i) => i),
    targets: Uint32Array.from(w.targets),
    valid: batch * time,
    tokens: batch * time,
  };
  const losses: number[] = [];
  const read = async (): Promise<void> => void losses.push((await step.read()).loss);
  let steps = LATE;
  const contender: Contender = {
    name: 'ours',
    async go(repeat) {
      for (let i = 0; i < repeat; i++) {
        if (step.late > STEPS_AHEAD - 1) await read();
        step.submit([microbatch], { lr: 1e-3, step: ++steps, clip: 0, weightDecay: 0, seed: 1 });
      }
      while (step.late > 0) await read();
    },
  };
  return {
    ...contender,
    losses,
    programs: [...step.passes.plan.recorders.keys()].map((key) => step.passes.program(key)),
    dispose() {
      step.dispose();
      trainable.groups.forEach(disposeGroup);
      adapter.flat.slot?.buffer.destroy();
      disposeWeights(model.weights);
    },
  };
}
