// LoRA (Hu et al. 2022): y = x·Wᵀ + scale · (x·Aᵀ)·Bᵀ with A [rank, in], B [out, rank]; scale = alpha / rank, or
// alpha / √rank (rsLoRA, Kalajdzievski 2023). All matrices of an adapter lie in one flat buffer, as AdamW wants them.
import type { LoraSettings } from '../records/adapter.ts';
import type { Gpu } from './gpu/device.ts';
import { size, view, type Tensor } from './gpu/tensor.ts';
import type { LlamaConfig } from './models/config.ts';
import { LINEARS, linearShape, modulePath, type LinearName } from './models/weights.ts';
import { DOMAIN, uniforms } from './random.ts';

/** The two matrices beside one linear. */
export interface Lora {
  a: Tensor; // [rank, in]
  b: Tensor; // [out, rank]
  scale: number;
  /** 0 = none. Only while training: the decoder leaves it out. */
  dropout: number;
}

/** A matrix of an adapter, by its name in a PEFT file. */
export interface LoraPart {
  /** "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight" */
  name: string;
  shape: readonly [number, number];
  /** In elements of the flat buffer; a multiple of 64, so the few numbers between parts are padding and stay 0. */
  offset: number;
}

export interface Adapter {
  settings: LoraSettings;
  parts: readonly LoraPart[];
  /** [n]: all parts, padding between them. */
  flat: Tensor;
  layers: readonly Partial<Record<LinearName, Lora>>[];
}

/** In the order of PEFT's files: by layer, then by linear, A before B. */
export function loraParts(config: LlamaConfig, { rank, targets }: LoraSettings): { parts: LoraPart[]; length: number } {
  const parts: LoraPart[] = [];
  let offset = 0;
  for (let layer = 0; layer < config.layers; layer++)
    for (const target of LINEARS.filter((name) => targets.includes(name))) {
      const { out, in: inner } = linearShape(config, target);
      for (const [letter, shape] of [
        ['A', [rank, inner]],
        ['B', [out, rank]],
      ] as const) {
        parts.push({ name: `base_model.model.${modulePath(layer, target)}.lora_${letter}.weight`, shape, offset });
        offset += Math.ceil(size(shape) / 64) * 64;
      }
    }
  return { parts, length: offset };
}

export const loraScale = ({ rank, alpha, rsLora }: LoraSettings): number => alpha / (rsLora ? Math.sqrt(rank) : rank);

/** A as PEFT draws it, uniform in ±1/√in; B zero: the adapter starts as nothing. [n] */
export function initialLora(config: LlamaConfig, settings: LoraSettings, seed: number): Float32Array<ArrayBuffer> {
  const { parts, length } = loraParts(config, settings);
  const values = new Float32Array(length);
  parts.forEach(({ shape, offset }, i) => {
    if (i % 2 === 1) return; // B
    const bound = 1 / Math.sqrt(shape[1]);
    values.set(
      uniforms(seed, i, size(shape), DOMAIN.init).map((u) => (2 * u - 1) * bound),
      offset,
    );
  });
  return values;
}

/** An adapter on the GPU; dispose with `flat.slot.buffer.destroy()`. */
export function createAdapter(
  gpu: Gpu,
  config: LlamaConfig,
  settings: LoraSettings,
  values: Float32Array<ArrayBuffer>,
): Adapter {
  const { parts, length } = loraParts(config, settings);
  if (values.length !== length)
    throw new Error(
      `adapter: it must have ${length} numbers for this base, got ${values.length}. It belongs to another base: load that.`,
    );
  const flat = gpu.tensor('adapter', [length], 'f32', values);
  const tensors = parts.map(({ name, shape, offset }) => view(flat, name, offset, shape));
  const targets = LINEARS.filter((name) => settings.targets.includes(name));
  const scale = loraScale(settings);
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    Object.fromEntries(
      targets.map((target, i): [LinearName, Lora] => {
        const at = 2 * (layer * targets.length + i);
        const [a, b] = [tensors[at], tensors[at + 1]] as [Tensor, Tensor];
        return [target, { a, b, scale, dropout: settings.dropout }];
      }),
    ),
  );
  return { settings, parts, flat, layers };
}
