// An embedder: the model that turns texts into vectors; where its files are and how it wants to be fed.

export interface Embedder {
  id: string;
  name: string;
  /** Folder in hub layout (config.json, tokenizer.json, onnx/…), relative to the site, ends with "/"; null = it was
   *  brought as a folder and lies in the private file system at `embedders/<id>/`. */
  url: string | null;
  /** The ONNX file in that folder. */
  file: string;
  /** SHA-256 of the ONNX file, hex: rows of another file are rows of another embedder. */
  sha256: string;
  bytes: number;
  dim: number;
  /** Longer texts are clipped there, in tokens of its own. */
  maxTokens: number;
  pooling: 'mean' | 'cls';
  /** Put before a question and before a passage; some models were trained with it. */
  queryPrefix: string;
  passagePrefix: string;
  /** Languages in which paraphrases are matched; [] = unknown. */
  languages: readonly string[];
  license: string;
}

/** What rows were made with: they serve only the very same embedder. */
export const embedderKey = ({ id, sha256, dim }: Embedder): string => `${id} ${sha256} ${dim}`;

/** The embedder that ships with the site: Universal Sentence Encoder lite, rebuilt by tools/use-lite/. */
export const USE_LITE: Embedder = {
  id: 'use-lite',
  name: 'Universal Sentence Encoder lite',
  url: 'models/use-lite/',
  file: 'onnx/model_quantized.onnx',
  sha256: 'ad371fc8344803186bcd96626f19e347a18d58033c834582203b88dbe8f7ee16',
  bytes: 7_093_460,
  dim: 512,
  maxTokens: 128,
  pooling: 'mean',
  queryPrefix: '',
  passagePrefix: '',
  languages: ['en'],
  license: 'Apache-2.0',
};
