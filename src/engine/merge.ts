// An adapter folded into its base: W + scale · B·A, tensor by tensor, so that only one matrix is outside of the GPU.
import { f16ToF32 } from '../formats/float16.ts';
import type { LoraSettings } from '../records/adapter.ts';
import type { Gpu } from './gpu/device.ts';
import { Recorder } from './gpu/program.ts';
import { size, type Tensor } from './gpu/tensor.ts';
import { loraParts, loraScale } from './lora.ts';
import type { Llama } from './models/llama.ts';
import { weightShapes, weightTensors } from './models/weights.ts';
import { matmul } from './ops/matmul.ts';

export interface NamedTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array<ArrayBuffer>;
}

/** Every weight, by its name in the base's files. */
export const mergedNames = ({ config }: Llama): string[] => [...weightShapes(config).keys()];

export async function mergedTensor(
  { gpu, model }: { gpu: Gpu; model: Llama },
  name: string,
  adapter: { settings: LoraSettings; values: Float32Array<ArrayBuffer> },
): Promise<NamedTensor> {
  const weight = weightTensors(model.weights).find((t) => t.label === name);
  if (!weight) throw new Error(`merge: a weight of the base must be named, got ${name}. Check the adapter's base.`);
  const values = await widened(gpu, weight);
  const delta = await deltaOf(gpu, model, name, adapter);
  const scale = loraScale(adapter.settings);
  delta?.forEach((d, i) => (values[i] = (values[i] ?? 0) + scale * d));
  return { name, shape: weight.shape, values };
}

/** f32, however it lies on the GPU. */
async function widened(gpu: Gpu, t: Tensor): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await gpu.readBytes(t);
  return t.dtype === 'f16' ? f16ToF32(new Uint16Array(bytes, 0, size(t.shape))) : new Float32Array(bytes);
}

/** B·A [out, in] of the linear whose weight has this name; null where the adapter leaves it alone. */
async function deltaOf(
  gpu: Gpu,
  { config }: Llama,
  name: string,
  { settings, values }: { settings: LoraSettings; values: Float32Array<ArrayBuffer> },
): Promise<Float32Array<ArrayBuffer> | null> {
  const module = name.replace(/\.weight$/, '');
  const { parts, length } = loraParts(config, settings);
  if (values.length !== length)
    throw new Error(
      `merge: the adapter must have ${length} numbers for this base, got ${values.length}. Load the base that it belongs to.`,
    );
  const own = parts.filter((part) => part.name.includes(`.${module}.lora_`));
  const [a, b] = own.map((part) =>
    gpu.tensor(part.name, part.shape, 'f32', values.subarray(part.offset, part.offset + size(part.shape))),
  );
  if (!a || !b) return null;
  try {
    const rec = new Recorder(gpu, `merge ${module}`);
    const y = rec.keep(matmul(rec, b, a));
    const program = await rec.compile();
    try {
      program.run();
      return await gpu.read(y);
    } finally {
      program.dispose();
    }
  } finally {
    for (const t of [a, b]) t.slot?.buffer.destroy();
  }
}
