// From the outputs of an encoder to one vector of unit length per text.
import type { Embedder } from '../records/embedder.ts';

interface Output {
  dims: readonly number[];
  data: unknown;
}

/** Where encoders put a vector per token; the first that is there counts. */
const NAMES = ['last_hidden_state', 'token_embeddings', 'logits'];

const isOutput = (value: unknown): value is Output => typeof value === 'object' && value !== null && 'dims' in value;

/** Divides by its length in place; a row of zeros stays. */
function unit(row: Float32Array): void {
  let squares = 0;
  for (const value of row) squares += value * value;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) * scale;
}

/** `outputs` of a run over texts with so many tokens each, padded on the right: [batch, seq, dim] → [batch, dim]. */
export function pool(
  outputs: Readonly<Record<string, unknown>>,
  lengths: readonly number[],
  pooling: Embedder['pooling'],
): Float32Array<ArrayBuffer> {
  const hidden = NAMES.map((name) => outputs[name]).find(isOutput);
  const [batch, seq, dim] = hidden?.dims ?? [];
  if (!(hidden?.data instanceof Float32Array) || batch !== lengths.length || !seq || !dim)
    throw new Error(
      `embed: the model must give last_hidden_state [${lengths.length}, tokens, size] in float32, got ` +
        `${Object.keys(outputs).join(', ')} [${hidden?.dims.join(', ') ?? ''}]. Choose a model for feature extraction.`,
    );
  const rows = new Float32Array(batch * dim);
  for (const [i, length] of lengths.entries()) {
    const row = rows.subarray(i * dim, (i + 1) * dim);
    const tokens = pooling === 'cls' ? 1 : Math.max(1, length);
    for (let t = 0; t < tokens; t++) {
      const from = (i * seq + t) * dim;
      for (let d = 0; d < dim; d++) row[d] = (row[d] ?? 0) + (hidden.data[from + d] ?? 0);
    }
    unit(row); // a sum and a mean point the same way
  }
  return rows;
}
