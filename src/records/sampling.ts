// How tokens are chosen: each field with its meaning, range and default; the form and the stored generation follow.

export interface Sampling {
  /** 0 = greedy: always the likeliest token. */
  temperature: number;
  /** Only the k likeliest tokens; 0 = all. */
  topK: number;
  /** Only the likeliest tokens that together reach this probability; 1 = all. */
  topP: number;
  /** Divides the logits of tokens already seen (Keskar et al. 2019); 1 = off. */
  repetitionPenalty: number;
  maxNewTokens: number;
  seed: number;
}

export interface Field {
  key: keyof Sampling;
  min: number;
  max: number;
  step: number;
  default: number;
}

/** In the order in which the form shows them; labels and meanings are in the message table under `sampling.<key>`. */
export const SAMPLING_FIELDS: readonly Field[] = [
  { key: 'temperature', min: 0, max: 2, step: 0.05, default: 0 },
  { key: 'topK', min: 0, max: 256, step: 1, default: 0 },
  { key: 'topP', min: 0.05, max: 1, step: 0.01, default: 1 },
  { key: 'repetitionPenalty', min: 1, max: 2, step: 0.05, default: 1 },
  { key: 'maxNewTokens', min: 1, max: 2048, step: 1, default: 64 },
  { key: 'seed', min: 0, max: 4294967295, step: 1, default: 1 },
];

export const defaultSampling = (): Sampling =>
  Object.fromEntries(SAMPLING_FIELDS.map((f) => [f.key, f.default])) as unknown as Sampling;

/** Throws a sentence naming the first field that is out of its range. */
export function validateSampling(value: Sampling, where = 'sampling'): Sampling {
  for (const f of SAMPLING_FIELDS) {
    const x = value[f.key];
    if (!Number.isFinite(x) || x < f.min || x > f.max)
      throw new RangeError(
        `${where}.${f.key}: must lie between ${f.min} and ${f.max}, got ${x}. Choose a value in that range.`,
      );
  }
  return value;
}
