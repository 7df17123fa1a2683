// Our contender of the step bench: the trainer's own step over random weights that never see a file.
import type { Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, loraParts } from '../../src/engine/lora.ts';
import { parseConfig } from '../../src/engine/models/config.ts';
import { loadLlama } from '../../src/engine/models/llama.ts';
import { disposeWeights, modulePath, type LinearName, type ModelFiles } from '../../src/engine/models/weights.ts';
import { disposeGroup } from '../../src/engine/optim.ts';
import { trainAdapter } from '../../src/engine/training/plan.ts';
import { recordStep, STEPS_AHEAD } from '../../src/engine/training/step.ts';
import { writeSafetensors, type WritableTensor } from '../../src/formats/safetensors.ts';
import type { Contender } from './context.ts';
import type { Matrix, Workload } from './workload.ts';

const NAMES = { q: 'q_proj', k: 'k_proj', v: 'v_proj', o: 'o_proj' } as const;
const MLP = { gate: 'gate_proj', up: 'up_proj', down: 'down_proj' } as const;
const LINEAR: Readonly<Record<string, LinearName>> = { ...NAMES, ...MLP };

/** Steps count from here: jax-js's Adam has no bias corrections, and after so many steps ours are 1. */
const LATE = 100_000;

/** [in, out] → [out, in]. */
function transposed({ shape: [rows, columns], values }: Matrix): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? NaN);
}

const configOf = (w: Workload): string =>
  JSON.stringify({
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    vocab_size: w.vocab,
    hidden_size: w.dim,
    intermediate_size: w.ffn,
    num_hidden_layers: w.layers,
    num_attention_heads: w.heads,
    num_key_value_heads: w.kvHeads,
    max_position_embeddings: w.time,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
    eos_token_id: 0,
  });

/** The model as a folder of files in memory. */
function filesOf(w: Workload): ModelFiles {
  const ones = (name: string): WritableTensor => ({
    name,
    shape: [w.dim],
    values: new Float32Array(w.dim).fill(1),
    dtype: 'F32',
  });
  const tensors: WritableTensor[] = [
    { name: 'model.embed_tokens.weight', shape: w.embedding.shape, values: w.embedding.values, dtype: 'F32' },
    ones('model.norm.weight'),
  ];
  w.numbers.forEach(({ base }, i) => {
    for (const [short, matrix] of Object.entries(base)) {
      const name = `${modulePath(i, LINEAR[short] ?? 'q_proj')}.weight`;
      tensors.push({ name, shape: matrix.shape.toReversed(), values: transposed(matrix), dtype: 'F32' });
    }
    for (const norm of ['input', 'post_attention']) tensors.push(ones(`model.layers.${i}.${norm}_layernorm.weight`));
  });
  const bytes = writeSafetensors(tensors);
  return {
    text: (name) => Promise.resolve(name === 'config.json' ? configOf(w) : null),
    stream: (name) =>
      Promise.resolve(
        name === 'model.safetensors' ? { stream: new Blob([bytes]).stream(), bytes: bytes.length } : null,
      ),
  };
}

export async function oursStep(gpu: Gpu, w: Workload) {
  const { batch, time } = w;
  const model = await loadLlama(gpu, filesOf(w));
  const settings = {
    rank: w.rank,
    alpha: 2 * w.rank,
    rsLora: false,
    dropout: 0,
    targets: ['q_proj', 'v_proj'],
  } as const;
  const { parts, length } = loraParts(parseConfig(configOf(w), null), settings);
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
