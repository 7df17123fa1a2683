// Merging: W + scale · B·A of each linear that the adapter has, on the numbers of the base's files; the base elsewhere.
import { expect, it } from 'vitest';
import { openSafetensors } from '../../src/formats/safetensors.ts';
import { initialLora, loraParts, loraScale } from '../../src/engine/lora.ts';
import { mergedWeights } from '../../src/engine/merge.ts';
import { readConfig } from '../../src/engine/models/llama.ts';
import { weightShapes } from '../../src/engine/models/weights.ts';
import { uniforms } from '../../src/engine/random.ts';
import { filesIn } from './files.ts';

const FILES = filesIn('tests/goldens/llama');
const LORA = { rank: 3, alpha: 8, rsLora: true, dropout: 0, targets: ['q_proj', 'down_proj'] as const };

async function baseWeights(): Promise<Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  const opened = await FILES.stream('model.safetensors');
  if (!opened) throw new Error('no weights');
  const { parts } = await openSafetensors(opened.stream, 'model.safetensors');
  for await (const { entry, offset, values } of parts) {
    const whole = weights.get(entry.name) ?? new Float32Array(entry.shape.reduce((a, b) => a * b, 1));
    whole.set(values, offset);
    weights.set(entry.name, whole);
  }
  return weights;
}

async function merged(values: Float32Array<ArrayBuffer>): Promise<Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  for await (const { name, values: own } of mergedWeights(FILES, { settings: LORA, values })) weights.set(name, own);
  return weights;
}

it('targets move by scale · B·A, all others are the numbers of the files to the bit', async () => {
  const config = await readConfig(FILES);
  const { parts, length } = loraParts(config, LORA);
  const values = uniforms(1, 9, length).map((u) => 0.4 * (u - 0.5));
  const [before, after] = [await baseWeights(), await merged(values)];
  expect([...after.keys()].sort()).toEqual([...weightShapes(config).keys()].sort());
  let folded = 0;
  for (const [name, own] of after) {
    const base = before.get(name) as Float32Array;
    const [a, b] = parts.filter((part) => part.name.includes(`.${name.replace('.weight', '')}.lora_`));
    if (!a || !b) {
      expect(own).toEqual(base);
      continue;
    }
    folded++;
    const inner = a.shape[1];
    const worst = own.reduce((most, w, at) => {
      const [o, i] = [Math.floor(at / inner), at % inner];
      let delta = 0;
      for (let r = 0; r < LORA.rank; r++)
        delta += (values[b.offset + o * LORA.rank + r] as number) * (values[a.offset + r * inner + i] as number);
      return Math.max(most, Math.abs(w - ((base[at] as number) + loraScale(LORA) * delta)));
    }, 0);
    expect(worst).toBeLessThan(1e-6);
    expect(own).not.toEqual(base);
  }
  expect(folded).toBe(2 * config.layers);
});

it('an adapter that is still nothing leaves every number', async () => {
  expect(await merged(initialLora(await readConfig(FILES), LORA, 1))).toEqual(await baseWeights());
});

it('an adapter of other shapes is refused', async () => {
  await expect(merged(new Float32Array(64))).rejects.toThrow(/^merge: the adapter must have \d+ numbers .* got 64/);
});
