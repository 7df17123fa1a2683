// Philox and the uniforms of shaders/common.wgsl: the same bits as on the host, and Random123's known answers.
import { expect, it } from 'vitest';
import { openGpu } from '../../src/engine/gpu/device.ts';
import { kernel } from '../../src/engine/gpu/kernel.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import { DOMAIN, philox, uniforms } from '../../src/engine/random.ts';
import { testGpu } from '../gpu.ts';
import { KNOWN_ANSWERS } from '../reference/random.ts';

const probe = kernel(
  'philoxProbe',
  `// Philox of each input.
// @common
struct Params { count: u32 }
@group(0) @binding(0) var<storage, read> inputs: array<u32>;        // [count, 6]: counter, key
@group(0) @binding(1) var<storage, read_write> words: array<vec4u>; // [count, 4]
@group(0) @binding(2) var<storage, read_write> units: array<vec4f>; // [count, 4]
@group(0) @binding(3) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let i = thread.x;
  if (i < params.count) {
    let at = 6u * i;
    let counter = vec4u(inputs[at], inputs[at + 1u], inputs[at + 2u], inputs[at + 3u]);
    let bits = philox(counter, vec2u(inputs[at + 4u], inputs[at + 5u]));
    words[i] = bits;
    units[i] = vec4f(uniform01(bits.x), uniform01(bits.y), uniform01(bits.z), uniform01(bits.w));
  }
}`,
);

it('the shader gives the published words and the bits of the host', async () => {
  const gpu = await openGpu(await testGpu());
  const cases = KNOWN_ANSWERS.map(([counter, key]) => [...counter, ...key]);
  for (let i = 0; i < 200; i++) cases.push([...philox([i, 1, 2, 3], [4, 5]), i, 0xfffffff0 + (i % 16)]);
  for (let i = 0; i < 8; i++) cases.push([i, 0, 3, DOMAIN.data, 11, 0]);
  const count = cases.length;
  const inputs = gpu.tensor('inputs', [count, 6], 'u32', Uint32Array.from(cases.flat()));
  const words = gpu.tensor('words', [count, 4], 'u32');
  const units = gpu.tensor('units', [count, 4]);
  const rec = new Recorder(gpu, 'philox');
  rec.dispatch(probe, { inputs, words, units }, { groups: [Math.ceil(count / 64)], params: { count } });
  (await rec.compile()).run();
  const got = await gpu.readU32(words);
  const want = cases.map(([a = 0, b = 0, c = 0, d = 0, k0 = 0, k1 = 0]) => philox([a, b, c, d], [k0, k1]));
  expect([...got]).toEqual(want.flat());
  expect([...got.slice(0, 12)]).toEqual(KNOWN_ANSWERS.flatMap(([, , words]) => words));
  expect((await gpu.read(units)).slice(-32)).toEqual(uniforms(11, 3, 32));
});
