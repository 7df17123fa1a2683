// A random Llama of the workload's numbers, as a folder of files in memory: it never sees a disk.
import type { Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { modulePath, type LinearName, type ModelFiles } from '../../src/engine/models/weights.ts';
import { writeSafetensors, type WritableTensor } from '../../src/formats/safetensors.ts';
import type { Matrix, Workload } from './workload.ts';

const NAMES = { q: 'q_proj', k: 'k_proj', v: 'v_proj', o: 'o_proj' } as const;
const MLP = { gate: 'gate_proj', up: 'up_proj', down: 'down_proj' } as const;
const LINEAR: Readonly<Record<string, LinearName>> = { ...NAMES, ...MLP };

/** [in, out] → [out, in]. */
export function transposed({ shape: [rows, columns], values }: Matrix): Float32Array {
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

export const randomModel = (gpu: Gpu, w: Workload): Promise<Llama> => loadLlama(gpu, filesOf(w));
