// The shader's header is the only truth about bindings: what TypeScript says by name is checked against it.
import { expect, it } from 'vitest';
import { checkNames, kernel, packParams, wgsl } from '../../../src/engine/gpu/kernel.ts';

const source = `
// y = x · scale
struct Params { dim: u32, /* no */ eps: f32, // with a comment
}
@group(0) @binding(0) var<storage, read>       x: array<f32>;  // [dim]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform>             params: Params;
@compute @workgroup_size(64) fn main() {}`.replace('/* no */ ', '');

it('reads names, order and access from the header', () => {
  const k = kernel('scale', source);
  expect(k.bindings).toEqual([
    { name: 'x', index: 0, access: 'read' },
    { name: 'y', index: 1, access: 'read_write' },
    { name: 'params', index: 2, access: 'uniform' },
  ]);
  expect(k.params).toEqual([
    { name: 'dim', type: 'u32' },
    { name: 'eps', type: 'f32' },
  ]);
});

it('a misspelt name fails and names what is unknown and what is missing', () => {
  const k = kernel('scale', source);
  expect(() => checkNames(k, ['x', 'Y'], ['dim', 'eps'])).toThrow(/unknown \[Y\], missing \[y\]/);
  expect(() => checkNames(k, ['x', 'y'], ['dim'])).toThrow(/missing \[eps\]/);
  expect(() => checkNames(k, ['x', 'y'], ['dim', 'eps'])).not.toThrow();
});

it('packs params as four bytes each in the order of the struct', () => {
  const bytes = packParams(kernel('scale', source), { eps: 0.5, dim: 7 });
  const view = new DataView(bytes.buffer);
  expect([bytes.length, view.getUint32(0, true), view.getFloat32(4, true)]).toEqual([16, 7, 0.5]);
  expect(() => packParams(kernel('scale', source), { dim: -1, eps: 0 })).toThrow('params.dim');
});

it('refuses headers that break the rules of a shader', () => {
  expect(() => kernel('a', source.replace('@binding(1)', '@binding(3)'))).toThrow('count up from 0');
  expect(() => kernel('a', source.replace('fn main', 'fn start'))).toThrow('must be called main');
  expect(() => kernel('a', source.replace('eps: f32', 'eps: vec4f'))).toThrow('only u32 and f32');
});

it('prepends constants and appends common.wgsl only where asked', () => {
  const k = kernel('scale', source);
  expect(wgsl(k, { TILE: 4 })).toMatch(/^const TILE = 4u;/);
  expect(wgsl(k)).not.toContain('fn philox');
  expect(wgsl(kernel('scale', `// @common\n${source}`))).toContain('fn philox');
});
