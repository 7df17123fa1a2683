// What tests/goldens/ppo holds (tools/goldens/make_ppo.py says what each is), with matrices where adapters want them.
import { loraParts } from '../../src/engine/lora.ts';
import type { LlamaConfig } from '../../src/engine/models/config.ts';
import type { LoraSettings, Target } from '../../src/records/adapter.ts';
import type { PpoConfig } from '../../src/records/ppoConfig.ts';
import { json } from './files.ts';
import { matricesIn, type Matrices } from './loraGoldens.ts';

const FOLDER = 'tests/goldens/ppo';

export interface PpoRow {
  prompt: number[];
  completion: number[];
  ended: boolean;
  /** Raw: before the penalty and the clip. */
  score: number;
  /** When it was drawn. */
  logprobs: number[];
  values: number[];
}

type ByToken = Record<
  | ('reference' | 'kl' | 'rewards' | 'paid' | 'rawAdvantages' | 'advantages' | 'returns')
  | ('logprobs' | 'entropy' | 'values'),
  number[][]
>;
type InAll = Record<
  | ('klOfAnswer' | 'policyLoss' | 'valueLoss' | 'meanEntropy' | 'clipped' | 'ratio' | 'approxKl' | 'drift')
  | ('valueClipped' | 'norm'),
  number
>;

export interface PpoCase extends ByToken, InAll {
  config: Pick<
    PpoConfig,
    | ('klEstimator' | 'whitenRewards' | 'temperature' | 'klCoef' | 'gamma' | 'lambda' | 'valueCoef' | 'entropyCoef')
    | ('clipRange' | 'valueClip' | 'missingEosPenalty' | 'rewardClip')
  >;
  /** After the penalty and the clip. */
  scores: number[];
}

interface Stored {
  lora: Record<Role, { r: number; lora_alpha: number; use_rslora: boolean; target_modules: Target[] }>;
  optimizer: { step: number; learningRate: number; clip: number; weightDecay: number };
  rows: PpoRow[];
  cases: PpoCase[];
}

export type Role = 'policy' | 'value';

export interface PpoGolden extends Omit<Stored, 'lora'> {
  settings: Record<Role, LoraSettings>;
  /** An adapter laid out as lora.ts does; `which` is '', ' m', ' v', ' gradient 0', ' new 0' … */
  adapter(config: LlamaConfig, role: Role, which?: string): Float32Array<ArrayBuffer>;
  head(which?: string): Float32Array<ArrayBuffer>;
}

export async function ppoGolden(): Promise<PpoGolden> {
  const { lora, ...rest } = await json<Stored>(`${FOLDER}/rollouts.json`);
  const all: Matrices = await matricesIn('ppo.safetensors', FOLDER);
  const settingsOf = (role: Role): LoraSettings => {
    const { r: rank, lora_alpha: alpha, use_rslora: rsLora, target_modules: targets } = lora[role];
    return { rank, alpha, rsLora, targets, dropout: 0 };
  };
  const settings = { policy: settingsOf('policy'), value: settingsOf('value') };
  const found = (name: string): Float32Array<ArrayBuffer> => {
    const values = all.get(name);
    if (!values) throw new Error(`${FOLDER}: "${name}" must be there, got nothing. Make the goldens again.`);
    return values;
  };
  return {
    ...rest,
    settings,
    adapter(config, role, which = '') {
      const { parts, length } = loraParts(config, settings[role]);
      const flat = new Float32Array(length);
      for (const { name, offset } of parts) flat.set(found(`${role} ${name}${which}`), offset);
      return flat;
    },
    head: (which = '') => found(`head${which}`),
  };
}
