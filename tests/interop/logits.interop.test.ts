// Models that transformers makes and saves now (f32, bf16, f16 in shards) give the logits that it computes.
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama } from '../../src/engine/models/llama.ts';
import type { ModelFiles } from '../../src/engine/models/weights.ts';
import { logitsOf } from '../engine/nano.ts';
import { testGpu } from '../gpu.ts';
import { python } from './python.ts';

interface Printed {
  prompts: number[][];
  /** Row → logits [T · V]. */
  logits: number[][];
}

let gpu: Gpu;
let folder: string;
let printed: Record<string, Printed>;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  folder = await mkdtemp(join(tmpdir(), 'atelier-logits-'));
  printed = python('logits_models.py', folder) as Record<string, Printed>;
});
afterAll(async () => {
  gpu.destroy();
  await rm(folder, { recursive: true, force: true });
});

const onDisk = (directory: string): ModelFiles => ({
  text: (name) => readFile(join(directory, name), 'utf8').catch(() => null),
  stream: async (name) => {
    const path = join(directory, name);
    return { stream: createReadStream(path), bytes: (await stat(path)).size };
  },
});

it.each(['llama', 'qwen2', 'qwen3'])('%s', async (name) => {
  const { prompts, logits } = printed[name] as Printed;
  const model = await loadLlama(gpu, onDisk(join(folder, name)));
  for (const [i, prompt] of prompts.entries()) {
    const ours = await logitsOf(gpu, model, prompt);
    const theirs = logits[i] ?? [];
    expect(ours.length).toBe(theirs.length);
    const scale = Math.max(...theirs.map(Math.abs));
    const worst = Math.max(...theirs.map((x, at) => Math.abs(x - (ours[at] ?? Infinity))));
    expect(worst / scale).toBeLessThan(1e-4);
  }
});
