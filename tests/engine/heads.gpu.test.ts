// A scalar head gives one number a token, and its gradients for weight, bias and hidden states are those of a dot product.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { scalarHead } from '../../src/engine/heads.ts';
import { testGpu } from '../gpu.ts';
import { differentiate } from '../../src/engine/gpu/differentiate.ts';
import { expectClose, noise, runOp } from '../ops/run.ts';
import { matmulReference } from '../reference/matmul.ts';
import { numericGradient } from '../reference/numericGradient.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

for (const [rows, dim] of [
  [1, 4],
  [5, 12],
  [37, 20],
  [130, 64],
] as const)
  it(`${rows} rows of ${dim}`, async () => {
    const [hidden, weight, bias] = [noise(rows * dim, 1), noise(dim, 2), noise(1, 3)];
    const [dy, before] = [noise(rows, 4), noise(dim + 1, 5)];
    const [y, dhidden, dweight, dbias] = await runOp(gpu, (rec) => {
      const H = gpu.tensor('hidden', [rows, dim], 'f32', hidden);
      const W = gpu.tensor('weight', [1, dim], 'f32', weight);
      const B = gpu.tensor('bias', [1], 'f32', bias);
      const dW = gpu.tensor('dweight', [1, dim], 'f32', before.slice(0, dim));
      const dB = gpu.tensor('dbias', [1], 'f32', before.slice(dim));
      const values = scalarHead(rec, H, { weight: W, bias: B });
      const dY = gpu.tensor('dy', [rows, 1], 'f32', dy);
      const sinks = [
        [W, dW],
        [B, dB],
      ] as const;
      const gradients = differentiate(rec, [H], dY, () => scalarHead(rec, H, { weight: W, bias: B }), sinks);
      return [values, ...gradients, dW, dB];
    });
    const head = (h: ArrayLike<number>, w: ArrayLike<number>, b: ArrayLike<number>): ArrayLike<number> =>
      matmulReference({ rows, columns: 1, depth: dim, transposeB: true }, h, w, b);
    expectClose(y!, head(hidden, weight, bias), 1e-5);
    expectClose(
      dhidden!,
      numericGradient((x) => head(x, weight, bias), hidden, dy),
      1e-5,
    );
    const dw = numericGradient((x) => head(hidden, x, bias), weight, dy).map((d, i) => d + before[i]!);
    const db = numericGradient((x) => head(hidden, weight, x), bias, dy).map((d) => d + before[dim]!);
    expectClose(dweight!, dw, 1e-5);
    expectClose(dbias!, db, 1e-5);
  });

it('a weight of several rows is refused in words', async () => {
  const wrong = runOp(gpu, (rec) => [
    scalarHead(rec, gpu.tensor('h', [3, 4]), { weight: gpu.tensor('weight', [2, 4]) }),
  ]);
  await expect(wrong).rejects.toThrow('scalarHead: the weight must be one row, got weight [2, 4].');
});
