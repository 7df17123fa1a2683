// Ten thousand real passages of the project's own data and what the shipped embedder makes of them, in Node.
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { USE_LITE } from '../../src/records/embedder.ts';
import { pool } from '../../src/retrieval/pool.ts';
import { convert, PACKAGE } from '../../tools/use-lite/convert.ts';

const RUN = 32;

/** Distinct sentences of the example documents and data sets, and runs of two and more neighbouring ones, short first. */
export function realPassages(count: number): string[] {
  const documents = readdirSync('datasets/documents').map((name) => readFileSync(`datasets/documents/${name}`, 'utf8'));
  const fields = ['train', 'test', 'prompts', 'questions', 'dataset_rlhf']
    .flatMap((name) => readFileSync(`datasets/${name}.jsonl`, 'utf8').trim().split('\n'))
    .flatMap((line) => Object.values(JSON.parse(line) as Record<string, unknown>))
    .filter((value) => typeof value === 'string');
  const texts = [...documents, ...fields].map((text) =>
    text
      .replace('Context:', '')
      .replaceAll(/\[\d+\] /g, '')
      .split(/(?<=[.!?])\s+|\n+/)
      .filter((sentence) => /\p{L}/u.test(sentence)),
  );
  const found = new Set<string>();
  for (let size = 1; size <= 6; size++)
    for (const sentences of texts)
      for (let i = 0; i + size <= sentences.length && found.size < count; i++)
        found.add(sentences.slice(i, i + size).join(' '));
  return [...found];
}

/** Rows of unit length [texts, dim], by the converted model. */
export async function embedReal(texts: readonly string[]): Promise<Float32Array<ArrayBuffer>> {
  const files = await convert((path) => readFile(`${PACKAGE}/${path}`), 'int8');
  const json = (path: string): object =>
    JSON.parse(new TextDecoder().decode(files.get(path) ?? new Uint8Array())) as object;
  const tokenizer = new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
  const session = await InferenceSession.create(files.get(USE_LITE.file) ?? new Uint8Array());
  const encoded = texts.map((text) => tokenizer.encode(text).ids.slice(0, USE_LITE.maxTokens));
  const order = encoded.map((_, i) => i).sort((a, b) => (encoded[a]?.length ?? 0) - (encoded[b]?.length ?? 0));
  const rows = new Float32Array(texts.length * USE_LITE.dim);
  for (let at = 0; at < order.length; at += RUN) {
    const batch = order.slice(at, at + RUN);
    const lengths = batch.map((i) => encoded[i]?.length ?? 0);
    const seq = Math.max(...lengths);
    const ids = new BigInt64Array(batch.length * seq);
    const mask = new BigInt64Array(batch.length * seq);
    for (const [j, i] of batch.entries()) {
      ids.set((encoded[i] ?? []).map(BigInt), j * seq);
      mask.fill(1n, j * seq, j * seq + (lengths[j] ?? 0));
    }
    const dims = [batch.length, seq];
    const feeds = { input_ids: new Tensor('int64', ids, dims), attention_mask: new Tensor('int64', mask, dims) };
    const vectors = pool(await session.run(feeds), lengths, USE_LITE.pooling);
    for (const [j, i] of batch.entries())
      rows.set(vectors.subarray(j * USE_LITE.dim, (j + 1) * USE_LITE.dim), i * USE_LITE.dim);
  }
  return rows;
}
