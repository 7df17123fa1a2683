// Programs on a real device: replay allocates nothing, plans survive poison, slices change nothing, lost devices say so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../../src/engine/gpu/device.ts';
import { kernel } from '../../../src/engine/gpu/kernel.ts';
import { profile } from '../../../src/engine/gpu/profile.ts';
import { Recorder, type Program } from '../../../src/engine/gpu/program.ts';
import { ReadbackRing } from '../../../src/engine/gpu/readback.ts';
import { view, type Tensor } from '../../../src/engine/gpu/tensor.ts';
import { testGpu } from '../../gpu.ts';

const affine = kernel(
  'affine',
  `// y = x · scale + shift[0]
struct Params { n: u32, scale: f32 }
@group(0) @binding(0) var<storage, read>       x:     array<f32>;  // [n]
@group(0) @binding(1) var<storage, read>       shift: array<f32>;  // [1], per-step data
@group(0) @binding(2) var<storage, read_write> y:     array<f32>;  // [n]
@group(0) @binding(3) var<uniform>             params: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.n) { y[id.x] = x[id.x] * params.scale + shift[0]; }
}`,
);

const N = 1000;
const DEPTH = 12;

describe('program', () => {
  let gpu: Gpu;
  let x: Tensor;
  let shift: Tensor;
  let y: Tensor;
  let program: Program;

  /** y = (((x·1.5 + s)·1.5 + s) …), DEPTH times. */
  const expected = (s: number) =>
    Float32Array.from({ length: N }, (_, i) => {
      let v = i / N;
      for (let d = 0; d < DEPTH; d++) v = Math.fround(v * 1.5 + s);
      return v;
    });
  const close = (a: Float32Array, b: Float32Array) =>
    a.forEach((v, i) => expect(Math.abs(v - (b[i] ?? NaN))).toBeLessThanOrEqual(1e-5 * Math.abs(b[i] ?? 0) + 1e-6));

  beforeAll(async () => {
    gpu = await openGpu(await testGpu());
    x = gpu.tensor(
      'x',
      [N],
      'f32',
      Float32Array.from({ length: N }, (_, i) => i / N),
    );
    shift = gpu.tensor('shift', [1]);
    const rec = new Recorder(gpu, 'chain');
    let at: Tensor = x;
    for (let d = 0; d < DEPTH; d++) {
      const next = rec.temp(`y${d}`, [N]);
      rec.dispatch(
        affine,
        { x: at, shift, y: next },
        { groups: [Math.ceil(N / 64)], params: { n: N, scale: 1.5 }, flops: 2 * N },
      );
      at = next;
    }
    y = rec.keep(at);
    program = await rec.compile();
  });
  afterAll(() => gpu.destroy());

  it('replays with per-step values from buffers, not baked in', async () => {
    for (const s of [0.25, -3]) {
      gpu.write(shift, Float32Array.of(s));
      program.run();
      close(await gpu.read(y), expected(s));
    }
  });

  it('reads nothing that it did not write: poisoned arenas change no bit', async () => {
    gpu.write(shift, Float32Array.of(1));
    program.run();
    const clean = await gpu.read(y);
    for (const arena of program.arenas) gpu.device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(0xff));
    program.run();
    expect(await gpu.read(y)).toEqual(clean);
  });

  it('a chain shares memory', () => {
    expect(program.plan.bytes).toBeLessThan(4 * 4 * N + 4 * 256);
  });

  it('creates no buffer, bind group, pipeline or layout while it replays', async () => {
    const ring = new ReadbackRing(gpu, y.bytes);
    const { device } = gpu;
    const made: string[] = [];
    const names = [
      'createBuffer',
      'createBindGroup',
      'createComputePipeline',
      'createComputePipelineAsync',
      'createShaderModule',
      'createBindGroupLayout',
    ] as const;
    for (const name of names) {
      const original = (device[name] as (...args: unknown[]) => unknown).bind(device);
      Object.defineProperty(device, name, {
        configurable: true,
        value: (...args: unknown[]) => (made.push(name), original(...args)),
      });
    }
    try {
      for (let i = 0; i < 5; i++) {
        let read: () => Promise<ArrayBuffer> = () => Promise.reject(new Error('not copied'));
        gpu.submit((encoder) => {
          program.encode(encoder);
          read = ring.copy(encoder, y);
        });
        await read();
      }
      expect(made).toEqual([]);
      device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST }).destroy();
      expect(made).toEqual(['createBuffer']); // the counter does count
    } finally {
      for (const name of names) Reflect.deleteProperty(device, name);
      ring.dispose();
    }
  });

  it('slices by predicted time into several submits with the same result', async () => {
    gpu.write(shift, Float32Array.of(2));
    let submits = 0;
    const submit = gpu.submit.bind(gpu);
    gpu.submit = (encode) => (submits++, submit(encode));
    program.run(3.5 * gpu.dispatchMs);
    gpu.submit = submit;
    expect(submits).toBe(Math.ceil(DEPTH / 3));
    close(await gpu.read(y), expected(2));
  });

  it('the readback ring refuses one copy too many and is free again after reading', async () => {
    const ring = new ReadbackRing(gpu, y.bytes, 2);
    const reads: (() => Promise<ArrayBuffer>)[] = [];
    gpu.submit((encoder) => {
      reads.push(ring.copy(encoder, y), ring.copy(encoder, y));
      expect(() => ring.copy(encoder, y)).toThrow('at most 2 copies');
    });
    const [a, b] = await Promise.all(reads.map((read) => read()));
    expect(a).toEqual(b);
    gpu.submit((encoder) => reads.push(ring.copy(encoder, y)));
    await reads[2]?.();
    ring.dispose();
  });

  it('profiles every dispatch under its shader name', async () => {
    const { rows, totalMs } = await profile(program);
    expect(rows.map((r) => [r.stem, r.calls])).toEqual([['affine', DEPTH]]);
    expect(totalMs).toBeGreaterThanOrEqual(0);
  });

  it('refuses to read and write one buffer in a dispatch, and names it', () => {
    const rec = new Recorder(gpu, 'clash');
    const flat = gpu.tensor('flat', [256]);
    const a = view(flat, 'a', 0, [64]);
    const b = view(flat, 'b', 64, [64]);
    const go = () => rec.dispatch(affine, { x: a, shift, y: b }, { groups: [1], params: { n: 64, scale: 1 } });
    expect(go).toThrow('one buffer may not be read and written at once, got a [64]');
  });

  it('the hash changes with a shape, a parameter or a kernel text, and with nothing else', () => {
    const hash = (n: number, scale: number, k = affine) => {
      const rec = new Recorder(gpu, 'hash');
      rec.dispatch(k, { x, shift, y: rec.temp('y', [n]) }, { groups: [1], params: { n, scale } });
      return rec.hash();
    };
    expect(hash(10, 1)).toBe(hash(10, 1));
    const other = kernel('affine', affine.source.replace('* params.scale', '/ params.scale'));
    expect(new Set([hash(10, 1), hash(11, 1), hash(10, 2), hash(10, 1, other)]).size).toBe(4);
  });

  it('a shader that does not compile is reported with its file and line', async () => {
    const broken = kernel('broken', affine.source.replace('+ shift[0]; }', '+ shft[0]; }'));
    await expect(gpu.pipeline(broken)).rejects.toThrow(/broken\.wgsl: must compile.*\d+:\d+.*shft/s);
  });

  it('a program that cannot be compiled frees its buffers and closes its error scopes', async () => {
    const { device } = gpu;
    const alive = new Set<GPUBuffer>();
    const create = device.createBuffer.bind(device);
    let made = 0;
    Object.defineProperty(device, 'createBuffer', {
      configurable: true,
      value: (descriptor: GPUBufferDescriptor) => {
        const buffer = create(descriptor);
        const destroy = buffer.destroy.bind(buffer);
        Object.defineProperty(buffer, 'destroy', { value: () => (alive.delete(buffer), destroy()) });
        alive.add(buffer);
        made++;
        return buffer;
      },
    });
    try {
      const rec = new Recorder(gpu, 'bad params');
      rec.dispatch(affine, { x, shift, y: rec.temp('y', [N]) }, { groups: [1], params: { n: -1, scale: 1 } });
      await expect(rec.compile()).rejects.toThrow('params.n must be a whole number');
      expect(made).toBe(2);
      expect(alive.size).toBe(0);
      await expect(device.popErrorScope()).rejects.toThrow(); // none is open
    } finally {
      Reflect.deleteProperty(device, 'createBuffer');
    }
  });

  it('a destroyed device is noticed and later submits say so', async () => {
    const doomed = await openGpu(await testGpu());
    doomed.destroy();
    await doomed.lost;
    expect(() => doomed.submit(() => undefined)).toThrow('the device must be alive');
  });
});
