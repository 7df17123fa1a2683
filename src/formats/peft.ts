// adapter_config.json of a PEFT folder: written with what peft reads, read with a sentence for what we cannot run.
import { isTarget, TARGETS, validateLora, type Adapter, type LoraSettings, type Target } from '../records/adapter.ts';

export class PeftError extends Error {
  override name = 'PeftError';
}

export const CONFIG_FILE = 'adapter_config.json';
export const WEIGHTS_FILE = 'adapter_model.safetensors';

export interface PeftConfig {
  /** As the file names its base: a hub id or a folder; '' where it does not say. */
  base: string;
  taskType: Adapter['taskType'];
  lora: LoraSettings;
}

type Json = Readonly<Record<string, unknown>>;

function refuse(rule: string, actual: unknown, remedy: string): never {
  const shown = JSON.stringify(actual) ?? 'nothing';
  throw new PeftError(`${CONFIG_FILE}: ${rule}, got ${shown.slice(0, 120)}. ${remedy}`);
}

export function writePeftConfig({ base, taskType, lora }: PeftConfig): string {
  const config = {
    base_model_name_or_path: base,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    modules_to_save: taskType === 'SEQ_CLS' ? ['score'] : null,
    peft_type: 'LORA',
    r: lora.rank,
    target_modules: lora.targets,
    task_type: taskType,
    use_dora: false,
    use_rslora: lora.rsLora,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

const RETRAIN = 'Train it again without, in peft or here.';

/** What would change the numbers and is not computed here: key → the rule when its value is neither off nor absent. */
const UNKNOWN: readonly [key: string, rule: string][] = [
  ['use_dora', 'must be plain LoRA without the magnitudes of DoRA'],
  ['use_qalora', 'must be plain LoRA, not QALoRA'],
  ['use_bdlora', 'must be plain LoRA, not block-diagonal'],
  ['lora_bias', 'lora_B must have no bias'],
  ['fan_in_fan_out', 'weights must lie as [out, in] (fan_in_fan_out false)'],
  ['rank_pattern', 'every layer must have one rank'],
  ['alpha_pattern', 'every layer must have one alpha'],
  ['layers_to_transform', 'every layer must be adapted'],
  ['layer_replication', 'no layer may be used twice'],
  ['exclude_modules', 'no module may be left out'],
  ['target_parameters', 'only modules can be adapted, no single parameters'],
  ['trainable_token_indices', 'the embeddings must be those of the base'],
  ['alora_invocation_tokens', 'it must be at work from the first token'],
  ['arrow_config', 'it must be one adapter, no mixture'],
  ['kasa_config', 'must be plain LoRA, not KaSA'],
  ['monteclora_config', 'must be plain LoRA, not MonteCLoRA'],
  ['velora_config', 'must be plain LoRA, not VeLoRA'],
];

const isOff = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** These start from a base with part of its weights taken out: on the whole base they add to the wrong thing. */
const CHANGES_BASE = /^(pissa|olora|corda|loftq|lora_ga)/;

export function parsePeftConfig(json: string): PeftConfig {
  const config = parse(json);
  if (config.peft_type !== 'LORA') refuse('peft_type must be "LORA"', config.peft_type, 'Only LoRA adapters run here.');
  for (const [key, rule] of UNKNOWN) if (!isOff(config[key])) refuse(rule, { [key]: config[key] }, RETRAIN);
  const bias = config.bias ?? 'none';
  if (bias !== 'none') refuse('no bias may be trained (bias "none")', bias, RETRAIN);
  const start = config.init_lora_weights;
  if (typeof start === 'string' && CHANGES_BASE.test(start))
    refuse('it must start from the whole base', start, 'Save it with path_initial_model_for_weight_conversion.');
  const taskType = taskOf(config.task_type);
  const saved: readonly unknown[] = Array.isArray(config.modules_to_save) ? config.modules_to_save : [];
  const whole = saved.find((name) => !(taskType === 'SEQ_CLS' && (name === 'score' || name === 'classifier')));
  if (whole !== undefined) refuse('no module may be trained as a whole (modules_to_save)', whole, RETRAIN);
  return {
    base: typeof config.base_model_name_or_path === 'string' ? config.base_model_name_or_path : '',
    taskType,
    lora: validateLora(
      {
        rank: config.r ?? 8, // peft's defaults
        alpha: config.lora_alpha ?? 8,
        dropout: config.lora_dropout ?? 0,
        rsLora: config.use_rslora ?? false,
        targets: targetsOf(config.target_modules),
      },
      CONFIG_FILE,
    ),
  };
}

function parse(json: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = json.slice(0, 40);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse('must be a JSON object', value, 'Save the adapter again.');
  return value as Json;
}

function taskOf(given: unknown): PeftConfig['taskType'] {
  if (given === undefined || given === null || given === 'CAUSAL_LM') return 'CAUSAL_LM';
  if (given === 'SEQ_CLS') return 'SEQ_CLS';
  refuse('task_type must be CAUSAL_LM or SEQ_CLS', given, 'Other tasks have no page here.');
}

/**
 * peft matches the end of a module's path: "q_proj", or "self_attn.q_proj" where it has shortened a long list; what was
 * "all-linear" it saves as whole paths. A layer that is not among those is missed when the weights are read.
 */
const MODULE = /^(?:model\.layers\.\d+\.)?(?:(self_attn|mlp)\.)?(\w+)$/;

function targetsOf(given: unknown): Target[] {
  if (given === undefined || given === null) return ['q_proj', 'v_proj']; // peft's choice for the Llama family
  if (given === 'all-linear') return [...TARGETS];
  if (!Array.isArray(given))
    refuse('target_modules must be a list of names', given, 'Write out the modules that the pattern stands for.');
  return given.map((name: unknown) => {
    const [, block, last] = typeof name === 'string' ? (MODULE.exec(name) ?? []) : [];
    if (!isTarget(last) || (block && block !== blockOf(last)))
      refuse(`target_modules must be among ${TARGETS.join(', ')}`, name, RETRAIN);
    return last;
  });
}

const blockOf = (target: Target): string => (/^[qkvo]_/.test(target) ? 'self_attn' : 'mlp');
