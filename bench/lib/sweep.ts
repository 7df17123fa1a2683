// The adapter's own ceiling for one product: a family of register-tiled kernels with every size baked in as a constant.
import type { Contender } from './context.ts';
import type { Shape } from './shapes.ts';

const times = (n: number, text: (i: number) => string): string => Array.from({ length: n }, (_, i) => text(i)).join('');

/** [rows, groups of four columns] of one thread and the shape of a workgroup. */
const TILES: [number, number, number, number][] = [
  [1, 1, 64, 1],
  [1, 2, 16, 1],
  [2, 2, 16, 1],
  [4, 1, 8, 8],
  [4, 2, 8, 8],
  [4, 4, 4, 4],
  [8, 1, 16, 1],
  [8, 2, 8, 8],
  [8, 2, 16, 1],
  [8, 4, 4, 4],
  [16, 1, 4, 4],
  [16, 2, 4, 4],
];

/** Products of one step of k: of one for TN and NN, of four where both operands are read in fours along k. */
function body({ layout, m, n, k }: Shape, rows: number, fours: number, alongK: boolean): string {
  if (layout === 'TN')
    return `for (var k = 0u; k < ${k}u; k++) {
      ${times(fours, (c) => `let b${c} = b[k * ${n / 4}u + c0 + ${c}u];`)}
      ${times(rows / 4, (q) => `let a${q} = a[k * ${m / 4}u + r0 / 4u + ${q}u];`)}
      ${times(rows, (r) => times(fours, (c) => `s${r}_${c} = fma(vec4f(a${r >> 2}[${r % 4}]), b${c}, s${r}_${c});`))} }`;
  if (layout === 'NT')
    return `for (var k = 0u; k < ${k / 4}u; k++) {
      ${times(4 * fours, (c) => `let b${c} = b[(4u * c0 + ${c}u) * ${k / 4}u + k];`)}
      ${times(rows, (r) => {
        const dots = (c: number) => times(4, (j) => `${j ? ', ' : ''}dot(a${r}, b${4 * c + j})`);
        return `let a${r} = a[(r0 + ${r}u) * ${k / 4}u + k]; ${times(fours, (c) => `s${r}_${c} += vec4f(${dots(c)});`)}`;
      })} }`;
  if (!alongK)
    return `for (var k = 0u; k < ${k}u; k++) {
      ${times(fours, (c) => `let b${c} = b[k * ${n / 4}u + c0 + ${c}u];`)}
      ${times(rows, (r) => {
        const products = times(fours, (c) => `s${r}_${c} = fma(vec4f(a${r}), b${c}, s${r}_${c});`);
        return `let a${r} = a[(r0 + ${r}u) * ${k}u + k]; ${products}`;
      })} }`;
  return `for (var k = 0u; k < ${k / 4}u; k++) {
    ${times(4, (q) => times(fours, (c) => `let b${q}_${c} = b[(4u * k + ${q}u) * ${n / 4}u + c0 + ${c}u];`))}
    ${times(rows, (r) => {
      const products = times(fours, (c) => times(4, (q) => `s${r}_${c} += a${r}[${q}] * b${q}_${c};`));
      return `let a${r} = a[(r0 + ${r}u) * ${k / 4}u + k]; ${products}`;
    })} }`;
}

function code(shape: Shape, [rows, fours, width, height]: [number, number, number, number], alongK: boolean): string {
  const { layout, m, n } = shape;
  const typeA = layout === 'NN' && !alongK ? 'f32' : 'vec4f';
  const sums = (text: (s: string, r: number, c: number) => string) =>
    times(rows, (r) => times(fours, (c) => text(`s${r}_${c}`, r, c)));
  return `@group(0) @binding(0) var<storage, read> a: array<${typeA}>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(${width}, ${height}) fn main(@builtin(global_invocation_id) g: vec3u) {
  let r0 = g.y * ${rows}u; let c0 = g.x * ${fours}u;
  if (r0 >= ${m}u || c0 >= ${n / 4}u) { return; }
  ${sums((s) => `var ${s} = vec4f();`)}
  ${body(shape, rows, fours, alongK)}
  ${sums((s, r, c) => `y[(r0 + ${r}u) * ${n / 4}u + c0 + ${c}u] = ${s};`)}
}`;
}

/** Every member of the family whose tile divides the product; all sizes must be multiples of 4, but for few rows. */
export async function sweep(device: GPUDevice, shape: Shape, buffers: readonly GPUBuffer[]): Promise<Contender[]> {
  const { layout, m, n } = shape;
  const fits = TILES.filter(([r, f]) => m % r === 0 && (n / 4) % f === 0 && (layout !== 'TN' || r % 4 === 0));
  const most = Math.max(...fits.map(([r]) => Math.min(r, 8)));
  const members = fits
    .filter(([r]) => r >= Math.min(most, 4)) // one row at a time where four fit is never the ceiling
    .flatMap((tile) => (layout === 'NN' ? [true, false] : [true]).map((alongK) => ({ tile, alongK })));
  return Promise.all(
    members.map(async ({ tile, alongK }): Promise<Contender> => {
      const module = device.createShaderModule({ code: code(shape, tile, alongK) });
      const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
      const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      const [rows, fours, width, height] = tile;
      return {
        name: `sweep ${rows}x${4 * fours} of ${width}x${height}${alongK ? '' : ', k by one'}`,
        async go(repeat) {
          const encoder = device.createCommandEncoder();
          for (let i = 0; i < repeat; i++) {
            const pass = encoder.beginComputePass();
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            pass.dispatchWorkgroups(Math.ceil(n / (4 * fours * width)), Math.ceil(m / (rows * height)));
            pass.end();
          }
          device.queue.submit([encoder.finish()]);
          await device.queue.onSubmittedWorkDone();
        },
      };
    }),
  );
}
