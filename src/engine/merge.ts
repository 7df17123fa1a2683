// An adapter folded into its base: W + scale · B·A in f32, tensor by tensor as the base's own files hold them, whatever
// precision is on the GPU.
import { openSafetensors } from '../formats/safetensors.ts';
import type { LoraSettings } from '../records/adapter.ts';
import { size } from './gpu/tensor.ts';
import { loraParts, loraScale } from './lora.ts';
import { readConfig } from './models/llama.ts';
import { weightFiles, weightShapes, type ModelFiles } from './models/weights.ts';

export interface NamedTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array<ArrayBuffer>;
}

interface Delta {
  settings: LoraSettings;
  values: Float32Array<ArrayBuffer>;
}

/** Every weight of the model, in the order of its files. One tensor is in memory at a time. */
export async function* mergedWeights(files: ModelFiles, { settings, values }: Delta): AsyncGenerator<NamedTensor> {
  const config = await readConfig(files);
  const { parts, length } = loraParts(config, settings);
  if (values.length !== length)
    throw new Error(
      `merge: the adapter must have ${length} numbers for this base, got ${values.length}. Load the base that it belongs to.`,
    );
  const matrices = new Map(
    parts.map(({ name, shape, offset }) => [name, values.subarray(offset, offset + size(shape))]),
  );
  const shapes = weightShapes(config);
  for await (const tensor of tensorsOf(files, shapes)) {
    const module = `base_model.model.${tensor.name.replace(/\.weight$/, '')}`;
    const [a, b] = ['A', 'B'].map((letter) => matrices.get(`${module}.lora_${letter}.weight`));
    if (a && b) fold(tensor.values, a, b, settings);
    yield tensor;
  }
}

async function* tensorsOf(
  files: ModelFiles,
  shapes: ReadonlyMap<string, readonly number[]>,
): AsyncGenerator<NamedTensor> {
  for (const file of await weightFiles(files)) {
    const opened = await files.stream(file);
    if (!opened) throw new Error(`merge: ${file} must be there, got no file. Load the model again.`);
    const { parts } = await openSafetensors(opened.stream, file);
    let tensor: NamedTensor | null = null;
    try {
      for await (const { entry, offset, values } of parts) {
        if (!shapes.has(entry.name)) continue; // a copy that the model does not need
        if (offset === 0) tensor = { ...entry, values: new Float32Array(size(entry.shape)) };
        tensor?.values.set(values, offset);
        if (tensor && offset + values.length === tensor.values.length)
          yield { name: tensor.name, shape: tensor.shape, values: tensor.values };
      }
    } finally {
      await parts.return();
    }
  }
}

/** W [out, in] += scale · B [out, rank] · A [rank, in]. */
function fold(w: Float32Array, a: Float32Array, b: Float32Array, settings: LoraSettings): void {
  const { rank } = settings;
  const scale = loraScale(settings);
  const inner = a.length / rank;
  const delta = new Float64Array(inner);
  for (let o = 0; o < b.length / rank; o++) {
    delta.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = scale * (b[o * rank + r] as number);
      for (let i = 0; i < inner; i++) delta[i] = (delta[i] as number) + factor * (a[r * inner + i] as number);
    }
    for (let i = 0; i < inner; i++) w[o * inner + i] = (w[o * inner + i] as number) + (delta[i] as number);
  }
}
