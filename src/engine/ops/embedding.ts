// Token embeddings: the rows of the table that the ids name.
import type { Recorder } from '../gpu/program.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { gatherRows } from './gatherRows.ts';

/** ids u32 [rows], table [V, D] → y [rows, D] */
export function embedding(rec: Recorder, ids: Tensor, table: Tensor): Tensor {
  return gatherRows(rec, table, ids, 'embedding');
}
