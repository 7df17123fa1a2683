// An adapter: a LoRA delta on a base model, trained here or brought as a PEFT folder.
import { fail, finite, object, text } from './validate.ts';

export const ADAPTER_VERSION = 1;

/** The linears of a layer, by their names in Hugging Face's Llama. */
export const TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
export type Target = (typeof TARGETS)[number];

export interface LoraSettings {
  rank: number;
  alpha: number;
  /** Scale alpha / √rank instead of alpha / rank. */
  rsLora: boolean;
  dropout: number;
  /** At least one. */
  targets: readonly Target[];
}

export interface Adapter {
  id: string;
  projectId: string;
  name: string;
  /** CAUSAL_LM answers; SEQ_CLS scores. */
  taskType: 'CAUSAL_LM' | 'SEQ_CLS';
  baseModelId: string;
  /** SHA-256 of the base's weights; '' for one that was brought and does not say. */
  baseSha256: string;
  lora: LoraSettings;
  /** Numbers that were trained. */
  parameters: number;
  bytes: number;
  /** The run that made it; null for one that was brought. */
  runId: string | null;
  createdAt: string; // UTC, ISO 8601
  version: number;
}

/** Its weights, as PEFT names them; beside the record because they are large. */
export const adapterPath = (id: string): string => `adapters/${id}/adapter_model.safetensors`;
export const adapterFolder = (id: string): string => `adapters/${id}`;

export const isTarget = (value: unknown): value is Target => TARGETS.some((name) => name === value);

export function validateLora(value: unknown, where = 'lora'): LoraSettings {
  const v = object(value, where);
  const given: readonly unknown[] = Array.isArray(v.targets) ? v.targets : [];
  const targets = TARGETS.filter((name) => given.includes(name));
  const unknown = given.find((name) => !isTarget(name));
  if (unknown !== undefined)
    fail(`${where}.targets`, `must be among ${TARGETS.join(', ')}`, unknown, 'Leave it out, or train it elsewhere.');
  if (targets.length === 0) fail(`${where}.targets`, 'at least one linear must be named', 'none', 'Choose q_proj.');
  return {
    rank: finite(v.rank, `${where}.rank`, 1, 256),
    alpha: finite(v.alpha, `${where}.alpha`, 0, 4096),
    rsLora: v.rsLora === true,
    dropout: finite(v.dropout, `${where}.dropout`, 0, 0.9),
    targets,
  };
}

export function validateAdapter(value: unknown, where = 'adapter'): Adapter {
  const v = object(value, where);
  const get = (key: string): string => text(v[key], `${where}.${key}`);
  return {
    id: get('id'),
    projectId: get('projectId'),
    name: get('name'),
    taskType: v.taskType === 'SEQ_CLS' ? 'SEQ_CLS' : 'CAUSAL_LM',
    baseModelId: get('baseModelId'),
    baseSha256: get('baseSha256'),
    lora: validateLora(v.lora, `${where}.lora`),
    parameters: finite(v.parameters, `${where}.parameters`, 1),
    bytes: finite(v.bytes, `${where}.bytes`, 0),
    runId: v.runId === null ? null : get('runId'),
    createdAt: get('createdAt'),
    version: finite(v.version, `${where}.version`, 1),
  };
}
