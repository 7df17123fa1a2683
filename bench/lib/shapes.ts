// The matmuls of the models that we measure: forward NT, backward NN, weight gradients TN, and the few rows of decoding.

/** Llama-style decoders; `rows` = rows of a training batch, bounded so that the whole bench stays within minutes. */
const MODELS = {
  nano: { dim: 128, kv: 64, ffn: 384, vocab: 3072, rows: 512, headRows: 256 },
  tiny: { dim: 128, kv: 64, ffn: 384, vocab: 2048, rows: 512, headRows: 512 },
  small: { dim: 256, kv: 128, ffn: 768, vocab: 4096, rows: 1024, headRows: 256 },
  smollm2: { dim: 576, kv: 192, ffn: 1536, vocab: 49152, rows: 256, headRows: 8 },
};

export type Layout = 'NN' | 'NT' | 'TN';

export interface Shape {
  name: string;
  layout: Layout;
  m: number;
  n: number;
  k: number;
}

/** One product as in BLAS: y [m, n] = op(a) · op(b) over k; equal products of two models appear once. */
function shapes(): Shape[] {
  const found: Shape[] = [];
  const seen = new Set<string>();
  const add = (model: string, part: string, layout: Layout, m: number, n: number, k: number) => {
    const key = `${layout} ${m}x${n}x${k}`;
    if (!seen.has(key)) found.push({ name: `${model} ${part} ${key}`, layout, m, n, k });
    seen.add(key);
  };
  for (const [model, { dim, kv, ffn, vocab, rows, headRows }] of Object.entries(MODELS)) {
    add(model, 'q', 'NT', rows, dim, dim);
    add(model, 'k', 'NT', rows, kv, dim);
    add(model, 'gate', 'NT', rows, ffn, dim);
    add(model, 'down', 'NT', rows, dim, ffn);
    add(model, 'head', 'NT', headRows, vocab, dim);
    add(model, 'dx of gate', 'NN', rows, dim, ffn);
    add(model, 'dx of down', 'NN', rows, ffn, dim);
    add(model, 'dw of q', 'TN', dim, dim, rows);
    for (const batch of [1, 8]) {
      add(model, `decode ${batch} q`, 'NT', batch, dim, dim);
      add(model, `decode ${batch} head`, 'NT', batch, vocab, dim);
    }
    add(model, 'decode 2 gate', 'NT', 2, ffn, dim);
  }
  return found;
}

export const SHAPES: readonly Shape[] = shapes();
