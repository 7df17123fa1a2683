// A PEFT folder: what is written is read back bit by bit, what peft writes is understood, what we cannot run is said.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readAdapterWeights, writeAdapterWeights, type AdapterPart } from '../../src/formats/adapterWeights.ts';
import { modelCard } from '../../src/formats/modelCard.ts';
import { parsePeftConfig, writePeftConfig } from '../../src/formats/peft.ts';
import { collectSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { TARGETS, type Adapter } from '../../src/records/adapter.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSft } from '../../src/records/config.ts';
import type { Run } from '../../src/records/run.ts';

const lora = { rank: 4, alpha: 8, rsLora: false, dropout: 0.05, targets: ['q_proj', 'v_proj'] as const };
/** As peft 0.21 saves it. */
const THEIRS = {
  ...{ alora_invocation_tokens: null, alpha_pattern: {}, arrow_config: null, auto_mapping: null },
  ...{ base_model_name_or_path: 'models/base', bias: 'none', exclude_modules: null, fan_in_fan_out: false },
  ...{ inference_mode: true, init_lora_weights: true, layer_replication: null, layers_pattern: null },
  ...{ layers_to_transform: null, loftq_config: {}, lora_alpha: 8, lora_bias: false, lora_dropout: 0.05 },
  ...{ megatron_config: null, megatron_core: 'megatron.core', modules_to_save: null, peft_type: 'LORA', r: 4 },
  ...{ rank_pattern: {}, revision: null, target_modules: ['v_proj', 'q_proj'], target_parameters: null },
  ...{ task_type: 'CAUSAL_LM', trainable_token_indices: null, use_dora: false, use_qalora: false, use_rslora: false },
};
const theirs = (change: object): string => JSON.stringify({ ...THEIRS, ...change });

describe('adapter_config.json', () => {
  it('what is written is read back', () => {
    const settings = fc.record({
      rank: fc.integer({ min: 1, max: 256 }),
      alpha: fc.integer({ min: 1, max: 4096 }),
      dropout: fc.double({ min: 0, max: 0.9, noNaN: true }).map((x) => x + 0),
      rsLora: fc.boolean(),
      targets: fc.subarray([...TARGETS], { minLength: 1 }),
    });
    fc.assert(
      fc.property(settings, fc.constantFrom('CAUSAL_LM' as const, 'SEQ_CLS' as const), (lora, taskType) => {
        const made = { base: 'nano', taskType, lora };
        expect(parsePeftConfig(writePeftConfig(made))).toEqual(made);
      }),
    );
  });
  it('one of peft is understood, in its own order of targets', () => {
    expect(parsePeftConfig(theirs({}))).toEqual({ base: 'models/base', taskType: 'CAUSAL_LM', lora });
  });
  it('what peft assumes is assumed', () => {
    const { lora: assumed, ...rest } = parsePeftConfig('{"peft_type":"LORA"}');
    expect(assumed).toEqual({ rank: 8, alpha: 8, rsLora: false, dropout: 0, targets: ['q_proj', 'v_proj'] });
    expect(rest).toEqual({ base: '', taskType: 'CAUSAL_LM' });
  });
  it.each([
    ['all-linear', [...TARGETS]],
    [
      ['self_attn.q_proj', 'mlp.up_proj'],
      ['q_proj', 'up_proj'],
    ],
  ])('targets %j are resolved', (target_modules, targets) => {
    expect(parsePeftConfig(theirs({ target_modules })).lora.targets).toEqual(targets);
  });
  it('the head of a reward model is no module too many', () => {
    const saved = theirs({ task_type: 'SEQ_CLS', modules_to_save: ['score', 'classifier', 'score'] });
    expect(parsePeftConfig(saved).taskType).toBe('SEQ_CLS');
  });
  it.each<[object, RegExp]>([
    [{ peft_type: 'IA3' }, /peft_type must be "LORA", got "IA3"/],
    [{ use_dora: true }, /without the magnitudes of DoRA, got {"use_dora":true}/],
    [{ bias: 'lora_only' }, /no bias may be trained.*got "lora_only"/],
    [{ lora_bias: true }, /lora_B must have no bias/],
    [{ modules_to_save: ['embed_tokens'] }, /no module may be trained as a whole.*embed_tokens/],
    [{ modules_to_save: ['score'] }, /no module may be trained as a whole.*score/],
    [{ rank_pattern: { q_proj: 2 } }, /every layer must have one rank/],
    [{ alpha_pattern: { q_proj: 2 } }, /every layer must have one alpha/],
    [{ layers_to_transform: [0] }, /every layer must be adapted/],
    [{ fan_in_fan_out: true }, /\[out, in\]/],
    [{ init_lora_weights: 'pissa_niter_4' }, /whole base, got "pissa_niter_4"/],
    [{ target_modules: ['q_proj', 'lm_head'] }, /target_modules must be among q_proj.*got "lm_head"/],
    [{ target_modules: ['mlp.q_proj'] }, /got "mlp.q_proj"/],
    [{ target_modules: ['model.layers.0.mlp.q_proj'] }, /target_modules must be among/],
    [{ target_modules: ['transformer.h.0.attn.c_attn'] }, /target_modules must be among/],
    [{ target_modules: '.*_proj' }, /must be a list of names/],
    [{ target_modules: [] }, /at least one linear/],
    [{ r: 0 }, /rank: must lie between 1 and 256, got 0/],
    [{ task_type: 'TOKEN_CLS' }, /CAUSAL_LM or SEQ_CLS, got "TOKEN_CLS"/],
  ])('%j is refused in words', (change, sentence) => {
    expect(() => parsePeftConfig(theirs(change))).toThrow(sentence);
  });
  it.each(['', '[]', '<html>'])('%j is no configuration', (text) => {
    expect(() => parsePeftConfig(text)).toThrow(/adapter_config.json: must be a JSON object/);
  });
});

const parts: AdapterPart[] = [
  { name: 'x.lora_A.weight', shape: [4, 20], offset: 0 }, // 80 numbers: 48 of padding follow
  { name: 'x.lora_B.weight', shape: [7, 4], offset: 128 },
];
function numbers(): Float32Array<ArrayBuffer> {
  const values = new Float32Array(192);
  for (const { shape, offset } of parts)
    for (let i = 0; i < shape[0] * shape[1]; i++) values[offset + i] = Math.fround(Math.sin(1 + offset + i) / 3);
  return values;
}
async function* bytes(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  yield whole;
}

describe('adapter_model.safetensors', () => {
  it('every bit comes back, in its place, with and without knowing the layout', async () => {
    const file = writeAdapterWeights(parts, numbers(), { base_sha256: 'abc' });
    const back = await readAdapterWeights(bytes(file));
    expect(back).toEqual({ parts, values: numbers(), head: null, metadata: { format: 'pt', base_sha256: 'abc' } });
    const reversed = parts.toReversed().map(({ name, shape, offset }) => {
      return { name, shape, values: numbers().subarray(offset, offset + shape[0] * shape[1]), dtype: 'F32' as const };
    });
    const other = await readAdapterWeights(bytes(writeSafetensors(reversed)), { parts, base: 'nano' });
    expect(other.values).toEqual(numbers());
  });
  it.each(['F16', 'BF16'] as const)('%s is widened', async (dtype) => {
    const halves = parts.map(({ name, shape }) => {
      return { name, shape, values: new Float32Array(shape[0] * shape[1]).fill(-0.375), dtype };
    });
    const { values } = await readAdapterWeights(bytes(writeSafetensors(halves)), { parts, base: 'nano' });
    expect([values[0], values[79], values[80], values[128], values[155]]).toEqual([-0.375, -0.375, 0, -0.375, -0.375]);
  });
  const [a, b] = parts as [AdapterPart, AdapterPart];
  it.each<[string, AdapterPart[], RegExp]>([
    ['of another width', [a, { ...b, shape: [6, 4] }], /lora_B.weight must be \[6, 4\] for nano, got \[7, 4\]/],
    ['of fewer layers', [a, b, { ...b, name: 'y.lora_B.weight' }], /must hold y.lora_B.weight for nano/],
    ['of more layers', [a], /must hold only what nano has, got x.lora_B.weight/],
  ])('one %s is refused', async (_, expected, sentence) => {
    const file = writeAdapterWeights(parts, numbers());
    await expect(readAdapterWeights(bytes(file), { parts: expected, base: 'nano' })).rejects.toThrow(sentence);
  });
  it('a number that is none is refused', async () => {
    const values = numbers();
    values[130] = Number.NaN;
    await expect(readAdapterWeights(bytes(writeAdapterWeights(parts, values)))).rejects.toThrow(
      /must be finite, got NaN/,
    );
  });
});

test('a file collected one tensor at a time is the file written at once', async () => {
  const tensors = parts.map(({ name, shape }, i) => {
    return { name, shape, values: new Float32Array(shape[0] * shape[1]).fill(i + 0.1), dtype: 'F32' as const };
  });
  const blob = await collectSafetensors(tensors);
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(writeSafetensors(tensors));
});

test('the card tells base, data, settings and metrics, and a name cannot break it', () => {
  const adapter: Adapter = {
    ...{ id: 'a', projectId: 'p', name: 'Two\nlines | and a bar', taskType: 'CAUSAL_LM', baseModelId: 'nano' },
    ...{ baseSha256: 'f00d', lora: { ...lora, rsLora: true }, parameters: 108, bytes: 1, runId: 'r' },
    ...{ createdAt: '2026-01-02T03:04:05Z', version: 1 },
  };
  const data = { train: 120, test: 30, truncated: 2, dropped: 1, hash: '' };
  const run = { config: defaultSft(NANO), data, step: 60, steps: 60 } as unknown as Run;
  const card = modelCard({ adapter, base: NANO, run, metrics: { 'test/loss': 0.123456 } });
  for (const said of [
    '# Two lines \\| and a bar',
    'f00d',
    'alpha / √rank',
    '| Rows trained on | 120 |',
    '| Rows tested on | 30 |',
  ])
    expect(card).toContain(said);
  for (const said of ['| learningRate | 0.004 |', '| test/loss | 0.1235 |', 'library_name: peft'])
    expect(card).toContain(said);
  expect(card).toContain('from peft import PeftModel');
  expect(card.indexOf('base = ')).toBeGreaterThan(card.indexOf('import AutoModelForCausalLM'));
  expect(card.indexOf('base = ')).toBeLessThan(card.indexOf('from_pretrained(base'));
  const merged = modelCard({ adapter, base: NANO, run, metrics: {}, merged: true });
  expect(merged).toContain('AutoModelForCausalLM');
  expect(merged).not.toMatch(/PeftModel|\bbase = |library_name: peft/);
  const brought = modelCard({ adapter: { ...adapter, baseSha256: '' }, base: null, run: null, metrics: {} });
  expect(brought).not.toMatch(/## |undefined|null/);
});
