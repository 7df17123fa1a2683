// What tests/goldens/lora holds, and one microbatch of training recorded by hand: its loss and its gradients.
import { openSafetensors } from '../../src/formats/safetensors.ts';
import type { Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import { size, type Tensor } from '../../src/engine/gpu/tensor.ts';
import { loraParts } from '../../src/engine/lora.ts';
import type { LlamaConfig } from '../../src/engine/models/config.ts';
import { forward, type Llama } from '../../src/engine/models/llama.ts';
import { crossEntropy, sumLosses } from '../../src/engine/ops/crossEntropy.ts';
import type { Adapter } from '../../src/engine/lora.ts';
import { Tape } from '../../src/engine/tape.ts';
import { arraysOf, type Bucket } from '../../src/engine/training/batches.ts';
import type { Trainable } from '../../src/engine/training/plan.ts';
import type { EncodedRow } from '../../src/engine/training/rows.ts';
import type { LoraSettings, Target } from '../../src/records/adapter.ts';
import type { Schedule } from '../../src/records/config.ts';
import { filesIn, json } from './files.ts';

export const FOLDER = 'tests/goldens/lora';

export type Matrices = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

export interface LoraGolden {
  name: string;
  settings: LoraSettings;
  rows: EncodedRow[];
  loss: number;
  /** Before each of the steps. */
  losses: number[];
  norms: number[];
  /** Where all weights of the base were trained too. */
  fullLoss?: number;
  /** By PEFT's names. */
  values: Matrices;
  gradients: Matrices;
}

export interface OptimizerSettings {
  learningRate: number;
  warmup: number;
  schedule: Schedule;
  clip: number;
  weightDecay: number;
}

interface StoredCase extends Omit<LoraGolden, 'settings' | 'rows' | 'values' | 'gradients'> {
  lora: { r: number; lora_alpha: number; use_rslora: boolean; target_modules: Target[] };
  rows: { ids: number[]; mask: number[] }[];
}

export const storedCases = (): Promise<{ optimizer: OptimizerSettings; cases: StoredCase[] }> =>
  json(`${FOLDER}/cases.json`);

export async function matricesIn(file: string, folder = FOLDER): Promise<Map<string, Float32Array<ArrayBuffer>>> {
  const opened = await filesIn(folder).stream(file);
  if (!opened) throw new Error(`${folder}/${file}: the file must be there, got none. Restore it.`);
  const found = new Map<string, Float32Array<ArrayBuffer>>();
  const { parts } = await openSafetensors(opened.stream, file);
  for await (const { entry, values } of parts) found.set(entry.name, values);
  return found;
}

export async function loraGolden(name: string): Promise<LoraGolden> {
  const stored = (await storedCases()).cases.find((one) => one.name === name);
  if (!stored) throw new Error(`${FOLDER}: a case ${name} must be there, got none. Make the goldens again.`);
  const { lora, rows, ...rest } = stored;
  const all = [...(await matricesIn(`${name}.safetensors`))];
  const named = (prefix: string): Matrices =>
    new Map(all.filter(([key]) => key.startsWith(prefix)).map(([key, values]) => [key.slice(prefix.length), values]));
  const { r: rank, lora_alpha: alpha, use_rslora: rsLora, target_modules: targets } = lora;
  return {
    ...rest,
    settings: { rank, alpha, rsLora, targets, dropout: 0 },
    rows: rows.map(({ ids, mask }) => ({ ids, mask: Uint8Array.from(mask), cutTokens: 0 })),
    values: named('value '),
    gradients: named('gradient '),
  };
}

/** All matrices where the adapter wants them. [n] */
export function flatOf(config: LlamaConfig, { settings, values }: LoraGolden): Float32Array<ArrayBuffer> {
  const { parts, length } = loraParts(config, settings);
  const flat = new Float32Array(length);
  for (const { name, offset } of parts) flat.set(values.get(name) ?? [Number.NaN], offset);
  return flat;
}

/** The smallest that holds these rows in one batch; one of the rows that reach the head is padding. */
export const bucketOf = (rows: readonly EncodedRow[]): Bucket => ({
  batch: rows.length,
  time: Math.max(...rows.map((row) => row.ids.length)) - 1,
  rows: rows.reduce((sum, row) => sum + row.mask.reduce((a, b) => a + b, 0), 1),
});

export interface MicrobatchOptions {
  adapter: Adapter | null;
  trainable: Trainable;
  recompute?: number;
  /** Gradient weight of each token; by default 1 / their number. */
  weight?: number;
  /** Before the rows are written: for faults. */
  change?: (arrays: ReturnType<typeof arraysOf>) => void;
}

/** Adds the gradients of one microbatch into `trainable`; returns its loss, what its kernels wrote, and FLOPs of products. */
export async function runMicrobatch(
  gpu: Gpu,
  model: Llama,
  rows: readonly EncodedRow[],
  { adapter, trainable, recompute = 0, weight, change }: MicrobatchOptions,
): Promise<{ loss: number; written: Tensor[]; products: number }> {
  const bucket = bucketOf(rows);
  const { batch, time } = bucket;
  const arrays = arraysOf(rows, { bucket, members: rows.map((_, i) => i) });
  change?.(arrays);
  const own: Tensor[] = [];
  const resident = (label: string, data: Float32Array | Uint32Array): Tensor => {
    const made = gpu.tensor(label, [data.length], data instanceof Uint32Array ? 'u32' : 'f32', data);
    own.push(made);
    return made;
  };
  const weights = resident('weights', new Float32Array(bucket.rows).fill(weight ?? 1 / arrays.valid, 0, arrays.valid));
  const totals = resident('totals', new Float32Array(4));
  const [index, targets] = [resident('index', arrays.index), resident('targets', arrays.targets)];
  const inputs = { ids: resident('ids', arrays.ids), starts: resident('starts', new Uint32Array(batch)), batch, time };

  const written = new Set<Tensor>();
  class Watched extends Recorder {
    override dispatch(...[kernel, buffers, options]: Parameters<Recorder['dispatch']>): void {
      for (const { name, access } of kernel.bindings)
        if (access === 'read_write' && buffers[name]) written.add(buffers[name]);
      super.dispatch(kernel, buffers, options);
    }
  }
  const rec = new Watched(gpu, 'microbatch');
  const tape = new Tape(rec, trainable.parameters);
  const hidden = forward(rec, model, { ...inputs, adapter, recompute });
  const losses = crossEntropy(rec, { hidden, head: model.weights.head, index, targets, weights });
  sumLosses(rec, { ...losses, weights }, totals);
  tape.backward();
  rec.prune();
  const program = await rec.compile();
  for (const arena of program.arenas) gpu.device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(0xff));
  program.run();
  const [loss = Number.NaN] = await gpu.read(totals);
  const products = program.steps.reduce((sum, { stem, flops }) => sum + (stem.startsWith('matmul') ? flops : 0), 0);
  program.dispose();
  for (const t of own) t.slot?.buffer.destroy();
  return { loss, written: [...written], products };
}

/** ‖actual − expected‖ / ‖expected‖ */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  let norm = 0;
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    const want = expected[i] ?? Number.NaN;
    error += ((actual[i] ?? Number.NaN) - want) ** 2;
    norm += want ** 2;
  }
  return Math.sqrt(error / norm);
}

/** Of an adapter's flat gradient, by PEFT's names. */
export async function gradientsOf(gpu: Gpu, { parts }: Adapter, { groups }: Trainable): Promise<Matrices> {
  const [group] = groups;
  if (!group) throw new Error('gradientsOf: an adapter must be trained, got nothing');
  const flat = await gpu.read(group.gradient);
  return new Map(parts.map(({ name, shape, offset }) => [name, flat.slice(offset, offset + size(shape))]));
}
