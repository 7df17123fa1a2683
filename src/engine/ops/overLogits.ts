// What losses over a language model's head share: logits, without ever storing all of them, and how their gradient flows.
//
//   x = hidden[index] · headᵀ  [R, V]    dhidden[index] = dx · head    dhead += dxᵀ · hidden[index]
//
// Logits exist for a chunk of rows at a time; their gradient takes their place, and is used up before the next chunk
// (as in Liger Kernel, Hsu et al. 2024). So the backward pass runs here: a loss is the end of a program, its seed known.
import type { Recorder } from '../gpu/program.ts';
import { describe, size, type Tensor } from '../gpu/tensor.ts';
import { pickRows, scatterRows, zeros } from './gatherRows.ts';
import { matmul, matmulInto } from './matmul.ts';

export interface LogitsInputs {
  hidden: Tensor; // [N, D]
  head: Tensor; // [V, D], f32 or f16
  /** u32 [R]: the rows of hidden that reach the head, each at most once; 0xffffffff for padding. */
  index: Tensor;
}

interface Outputs {
  /** What the loss writes. */
  outputs: readonly Tensor[];
  /** Most that the logits of a chunk may take; one row of them always may. */
  maxBytes: number;
}

/** `judge` gets the logits of the rows from `first` on; where `gradient` says so it must leave their gradient there. */
export function overLogits(
  rec: Recorder,
  where: string,
  { hidden, head, index, outputs, maxBytes }: LogitsInputs & Outputs,
  judge: (logits: Tensor, first: number, gradient: boolean) => void,
): void {
  const rows = size(index.shape);
  const [vocab = 0, dim = 0] = head.shape;
  if (hidden.shape.length !== 2 || hidden.shape[1] !== dim)
    throw new Error(
      `${where}: hidden and head must have one width, got ${describe(hidden)} and ${describe(head)}. Check the model.`,
    );
  const { tape } = rec;
  const sink = tape?.sink(head);
  const dhidden = tape?.wants(hidden) ? zeros(rec, 'dhidden', hidden.shape) : undefined;
  tape?.note(outputs, [hidden, head], () => dhidden && tape.give(hidden, dhidden));

  rec.tape = null; // the ops below are differentiated here
  const chunk = chunkRows(rows, 4 * vocab, maxBytes);
  for (let first = 0; first < rows; first += chunk) {
    const count = Math.min(chunk, rows - first);
    const picked = pickRows(rec, hidden, index, { first, rows: count, label: 'head rows' }); // [count, D]
    const logits = matmul(rec, picked, head, { transposeB: true, label: 'logits' }); // [count, V]
    judge(logits, first, dhidden !== undefined || sink !== undefined);
    if (dhidden) scatterRows(rec, matmul(rec, logits, head, { label: 'head rows d' }), index, dhidden, first);
    if (sink) matmulInto(rec, logits, picked, sink, { transposeA: true });
  }
  rec.tape = tape;
}

/** Invocations that share a row of `width`: each joins all parts again, few enough that this costs little. */
export const lanesFor = (width: number): number => Math.ceil(Math.sqrt(width) / 2);

/** Rows of a chunk: as few chunks as the bytes allow, about even, of whole eights where there are several. */
function chunkRows(rows: number, rowBytes: number, maxBytes: number): number {
  const most = Math.max(1, Math.floor(maxBytes / rowBytes));
  if (rows <= most) return rows;
  const even = Math.ceil(rows / Math.ceil(rows / most));
  return Math.min(most, 8 * Math.ceil(even / 8));
}
