// Token embeddings: the rows of the table that the ids name.   y[n] = table[id[n]]    dtable[id] += Σ dy[n]
import backwardSource from '../../../shaders/embeddingBackward.wgsl?raw';
import linksSource from '../../../shaders/embeddingLinks.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { across, elementwise } from './elementwise.ts';
import { pickRows } from './gatherRows.ts';
import { grid } from './grid.ts';

const linksKernel = kernel('embeddingLinks', linksSource);
const backwardKernels = elementwise('embeddingBackward', backwardSource);

/** ids u32 [rows], table [V, D], f32 or f16 → y [rows, D] */
export function embedding(rec: Recorder, ids: Tensor, table: Tensor): Tensor {
  const y = pickRows(rec, table, ids, { label: 'embedding' });
  const { tape } = rec;
  tape?.note([y], [table], () => {
    const dy = tape.gradient(y);
    const sink = tape.sink(table);
    if (dy && sink) addTableGradient(rec, ids, dy, sink);
  });
  return y;
}

/** An id's positions are linked first, so that one invocation can add them in their order. */
function addTableGradient(rec: Recorder, ids: Tensor, dy: Tensor, sink: Tensor): void {
  const rows = size(ids.shape);
  const [tableRows = 0, dim = 0] = sink.shape;
  const link = rec.temp('embedding links', [rows], 'u32');
  rec.dispatch(linksKernel, { ids, link }, { groups: grid(rows), params: { rows }, flops: rows * rows });
  const { kernel: backward, width } = across(backwardKernels, dim);
  rec.dispatch(
    backward,
    { dy, ids, link, into: sink },
    { groups: grid(rows * width), params: { rows, width, tableRows }, flops: rows * dim },
  );
}
