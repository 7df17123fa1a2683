// Adapters of peft answer here as there; ours load in peft, merge as peft merges, and are whole models when merged here.
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, initialLora, loraParts } from '../../src/engine/lora.ts';
import { mergedWeights } from '../../src/engine/merge.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import type { ModelFiles } from '../../src/engine/models/weights.ts';
import { readAdapterWeights, writeAdapterWeights } from '../../src/formats/adapterWeights.ts';
import { CONFIG_FILE, parsePeftConfig, WEIGHTS_FILE } from '../../src/formats/peft.ts';
import type { NewPart } from '../../src/formats/zip.ts';
import { TARGETS, type Adapter, type LoraSettings } from '../../src/records/adapter.ts';
import { mergedFolder, peftFolder } from '../../workers/adapters.ts';
import { logitsOf } from '../engine/nano.ts';
import { testGpu } from '../gpu.ts';
import { python } from './python.ts';

interface Made {
  prompt: number[];
  /** Of the base without an adapter. */
  alone: number[];
  theirs: Record<string, number[]>;
}
interface Loaded {
  loaded: number[];
  merged: number[];
  ourMerged: number[];
}

const OURS: Record<string, LoraSettings> = {
  all: { rank: 8, alpha: 16, rsLora: false, dropout: 0.05, targets: TARGETS },
  'rank-stabilised': { rank: 6, alpha: 5, rsLora: true, dropout: 0, targets: ['q_proj', 'v_proj', 'up_proj'] },
  subset: { rank: 1, alpha: 3, rsLora: false, dropout: 0, targets: ['o_proj', 'down_proj'] },
};
const BASES = ['llama', 'qwen3'];
const TOLERANCE = 1e-4;

let gpu: Gpu;
let folder: string;
let made: Record<string, Made>;
const models = new Map<string, Llama>();
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  folder = await mkdtemp(join(tmpdir(), 'atelier-adapters-'));
  made = python('adapter_folders.py', 'make', folder) as typeof made;
  for (const name of BASES) models.set(name, await loadLlama(gpu, onDisk(join(folder, name))));
});
afterAll(async () => {
  gpu.destroy();
  await rm(folder, { recursive: true, force: true });
});

const text = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);
const onDisk = (directory: string): ModelFiles => ({
  text: (name) => text(join(directory, name)),
  stream: async (name) => {
    const path = join(directory, name);
    return { stream: createReadStream(path), bytes: (await stat(path)).size };
  },
});
async function save(path: string, parts: AsyncIterable<NewPart>): Promise<void> {
  for await (const { path: name, data } of parts) {
    const bytes = data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data;
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), bytes);
  }
}

/** max |a − b| / max |b| */
function distance(a: ArrayLike<number>, b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  const scale = b.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  return b.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (a[i] ?? Infinity))), 0) / scale;
}

async function logitsWith(name: string, settings: LoraSettings, values: Float32Array<ArrayBuffer>) {
  const model = models.get(name) as Llama;
  const adapter = createAdapter(gpu, model.config, settings, values);
  const found = await logitsOf(gpu, model, made[name]?.prompt ?? [], adapter);
  adapter.flat.slot?.buffer.destroy();
  return found;
}

describe.each(BASES)('%s', (name) => {
  it.each(['default', 'rank-stabilised', 'all-linear', 'subset'])('theirs: %s answers as in peft', async (adapter) => {
    const path = join(folder, 'theirs', name, adapter);
    const { lora } = parsePeftConfig(await readFile(join(path, CONFIG_FILE), 'utf8'));
    const { parts } = loraParts((models.get(name) as Llama).config, lora);
    const file = createReadStream(join(path, WEIGHTS_FILE));
    const { values } = await readAdapterWeights(file, { parts, base: name });
    const { alone, theirs } = made[name] as Made;
    const expected = theirs[adapter] ?? [];
    expect(distance(await logitsWith(name, lora, values), expected)).toBeLessThan(TOLERANCE);
    expect(distance(alone, expected)).toBeGreaterThan(100 * TOLERANCE); // the adapter does something
  });
});

describe('ours', () => {
  const here = new Map<string, Float32Array>();
  let there: Record<string, Loaded>;

  beforeAll(async () => {
    for (const name of BASES) {
      const model = models.get(name) as Llama;
      for (const [own, lora] of Object.entries(OURS)) {
        const { parts, length } = loraParts(model.config, lora);
        const values = initialLora(model.config, lora, 5);
        for (const { shape, offset } of parts.filter((_, i) => i % 2 === 1))
          // B, which starts as zero
          for (let i = 0; i < shape[0] * shape[1]; i++) values[offset + i] = 0.4 * Math.sin(3 * (offset + i));
        here.set(`${name}/${own}`, await logitsWith(name, lora, values));
        const adapter: Adapter = {
          ...{ id: own, projectId: 'p', name: own, taskType: 'CAUSAL_LM', baseModelId: name, baseSha256: '', lora },
          ...{ parameters: length, bytes: 0, runId: null, createdAt: '2026-01-01T00:00:00Z', version: 1 },
        };
        const card = { adapter, base: null, run: null, metrics: {} };
        await save(join(folder, 'ours', name, own), peftFolder(card, new Blob([writeAdapterWeights(parts, values)])));
        const weights = mergedWeights(onDisk(join(folder, name)), { settings: lora, values });
        const base = (file: string): Promise<string | null> => text(join(folder, name, file));
        await save(join(folder, 'merged', name, own), mergedFolder(card, weights, base));
      }
    }
    const prompts = Object.fromEntries(BASES.map((name) => [name, made[name]?.prompt]));
    await writeFile(join(folder, 'prompts.json'), JSON.stringify(prompts));
    there = python('adapter_folders.py', 'load', folder) as typeof there;
  });

  it.each(BASES.flatMap((name) => Object.keys(OURS).map((own) => `${name}/${own}`)))('%s', (key) => {
    const { loaded, merged, ourMerged } = there[key] as Loaded;
    expect(distance(here.get(key) ?? [], loaded)).toBeLessThan(TOLERANCE);
    expect(distance(ourMerged, merged)).toBeLessThan(1e-5);
    expect(distance(loaded, made[key.split('/')[0] ?? '']?.alone ?? [])).toBeGreaterThan(100 * TOLERANCE);
  });
});
