// A base model: where its files are, how its prompts are written, and what it is honestly good for.

export interface BaseModel {
  id: string;
  name: string;
  /** Shown everywhere beside the name: a demo model is small and often wrong. */
  demo: boolean;
  /** Folder of config.json, tokenizer.json, *.safetensors; relative to the site, ends with "/". */
  url: string;
  /** SHA-256 of the weight file(s) in order, hex, joined by "+": part of every generation and checkpoint. */
  sha256: string;
  parameters: number;
  contextLength: number;
  languages: readonly string[];
  license: string;
  /** Between prompt and completion when rows are tokenised for training; used everywhere. */
  joiner: string;
  /** How passages are laid out in the user message (models/<id>/README.md). */
  passageStyle: 'numbered' | 'plain';
  passageSeparator: string;
  /** Sentences per passage and passages per prompt that work best; defaults of Ask. */
  sentencesPerPassage: number;
  passagesPerPrompt: number;
  /** Learning rate at which a LoRA adapter on it learns well: the smaller the model, the higher. */
  loraRate: number;
}

/** How the frozen base lies on the GPU; sums are f32 in both. */
export const PRECISIONS = ['f32', 'f16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** The model that ships with the site. */
export const NANO: BaseModel = {
  id: 'nano',
  name: 'nano v2',
  demo: true,
  url: 'models/nano/',
  sha256: '819d13ab2aee45620fd4a7b48733ba05f1648c94970a345057e2999b6549f1a9',
  parameters: 1_377_664,
  contextLength: 512,
  languages: ['en', 'fr'],
  license: 'Apache-2.0',
  joiner: '',
  passageStyle: 'numbered',
  passageSeparator: '\n\n',
  // Of the demo's 52 answerable questions: 42 right with single sentences, 36 with pairs of them.
  sentencesPerPassage: 1,
  passagesPerPrompt: 3,
  loraRate: 4e-3,
};

export const SHIPPED_MODELS: readonly BaseModel[] = [NANO];
