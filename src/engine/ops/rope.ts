// Rotary position embedding (Su et al. 2021), in the half-split form of Llama, and its frequencies.
import source from '../../../shaders/rope.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { holds, quads } from './shapes.ts';

const ropeKernel = kernel('rope', source);

/** Slows down the low frequencies so that a longer context than the trained one fits (Llama 3.1). */
export interface Llama3Scaling {
  factor: number;
  lowFreqFactor: number;
  highFreqFactor: number;
  /** The context that the model was first trained with. */
  originalContext: number;
}

export interface RopeConfig {
  headDim: number;
  ropeTheta: number;
  ropeScaling?: Llama3Scaling | null;
}

/** Radians per position, [headDim / 2]:  theta^(−2i / headDim), then Llama 3's scaling by wavelength. */
export function ropeFrequencies({ headDim, ropeTheta, ropeScaling }: RopeConfig): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const frequency = ropeTheta ** ((-2 * i) / headDim);
    if (!ropeScaling) return frequency;
    const { factor, lowFreqFactor, highFreqFactor, originalContext } = ropeScaling;
    const turns = (originalContext * frequency) / (2 * Math.PI); // over the original context
    if (turns < lowFreqFactor) return frequency / factor;
    if (turns > highFreqFactor) return frequency;
    const smooth = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
    return frequency * ((1 - smooth) / factor + smooth);
  });
}

type Inputs = Record<'q' | 'k' | 'starts' | 'frequencies', Tensor>;
type Sizes = Record<'batch' | 'time' | 'headDim', number>;

/** q [B·T, H·hd], k [B·T, K·hd], rotated by their positions starts[b] + t; starts u32 [B], frequencies [hd/2].
 *  The transpose of a rotation turns back: the gradients pass through the same kernel with the sine negated. */
export function rope(rec: Recorder, inputs: Inputs, sizes: Sizes): { q: Tensor; k: Tensor } {
  const rotated = turn(rec, inputs, sizes, 1);
  const { tape } = rec;
  tape?.note([rotated.q, rotated.k], [inputs.q, inputs.k], () => {
    const [q, k] = [tape.gradient(rotated.q), tape.gradient(rotated.k)];
    if (!q && !k) return;
    if (!q || !k) throw new Error('rope: both q and k must be used, got a gradient of one only. Use the other, too.');
    const back = turn(rec, { ...inputs, q, k }, sizes, -1);
    tape.give(inputs.q, back.q);
    tape.give(inputs.k, back.k);
  });
  return rotated;
}

/** `direction`: 1 forwards, −1 backwards. */
function turn(
  rec: Recorder,
  { q, k, starts, frequencies }: Inputs,
  { batch, time, headDim }: Sizes,
  direction: 1 | -1,
): { q: Tensor; k: Tensor } {
  const rows = batch * time;
  const half = headDim / 2;
  const heads = Math.floor(q.bytes / 4 / rows / headDim);
  const kvHeads = Math.floor(k.bytes / 4 / rows / headDim);
  holds('rope q', q, [rows, heads, headDim]);
  holds('rope k', k, [rows, kvHeads, headDim]);
  holds('rope starts', starts, [batch]);
  holds('rope frequencies', frequencies, [half]);
  const rotatedQ = rec.temp('rope q', q.shape);
  const rotatedK = rec.temp('rope k', k.shape);
  const width = quads('rope', headDim);
  const items = rows * (heads + kvHeads) * width;
  rec.dispatch(
    ropeKernel,
    { q, k, starts, frequencies, rotatedQ, rotatedK },
    { groups: grid(items), params: { batch, time, heads, kvHeads, width, direction }, flops: 60 * items },
  );
  return { q: rotatedQ, k: rotatedK };
}
