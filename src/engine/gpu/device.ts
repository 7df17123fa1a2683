// The door to WebGPU: opens a device with the default limits unless more is needed, keeps pipelines, moves bytes.
import { wgsl, type Constants, type Kernel } from './kernel.ts';
import { bytesOf, describe, tensor, type DType, type Tensor } from './tensor.ts';

/** Limits that a model may need above the defaults of the specification. */
export type Needs = Partial<Record<'maxStorageBufferBindingSize' | 'maxBufferSize', number>>;

export class GpuMissingError extends Error {
  override name = 'GpuMissingError';
}

/** Optional features: used only where a start-up check agrees with the plain kernel. */
const WANTED: readonly GPUFeatureName[] = ['timestamp-query'];

export class Gpu {
  /** Set when the device is gone; every later call fails with this sentence. */
  lostReason: string | null = null;
  /** The first error that no scope caught: a bug of ours, never swallowed. */
  uncaptured: string | null = null;
  /** Measured at start-up by `calibrate`; until then a cautious guess. Used by the slicing of submits. */
  flopsPerMs = 5e6;
  dispatchMs = 0.04;
  readonly lost: Promise<GPUDeviceLostInfo>;
  readonly #pipelines = new Map<Kernel, Map<string, Promise<GPUComputePipeline>>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(
    readonly device: GPUDevice,
    readonly adapter: GPUAdapter,
  ) {
    this.lost = device.lost.then((info) => {
      this.lostReason = info.message || info.reason;
      return info;
    });
    device.addEventListener('uncapturederror', (event) => {
      this.uncaptured ??= event.error.message;
    });
  }

  /** "vendor architecture description" of the adapter, for records and reports. */
  get name(): string {
    const { vendor, architecture, device, description } = this.adapter.info;
    return [vendor, architecture, device, description].filter(Boolean).join(' ') || 'unnamed adapter';
  }

  /** A resident tensor with a buffer of its own, zeroed or holding `data`. */
  tensor(label: string, shape: readonly number[], dtype: DType = 'f32', data?: Float32Array | Uint32Array): Tensor {
    const bytes = bytesOf(shape, dtype);
    if (bytes > this.device.limits.maxStorageBufferBindingSize)
      throw new RangeError(
        `tensor ${label}: one tensor may take at most ${this.device.limits.maxStorageBufferBindingSize} bytes on this ` +
          `device, got ${bytes}. Open the device with a larger limit or choose a smaller model.`,
      );
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = this.device.createBuffer({ label, size: Math.max(16, bytes), usage: STORAGE | COPY_SRC | COPY_DST });
    const made = tensor(label, shape, dtype, { buffer, offset: 0 });
    if (data) this.write(made, data);
    return made;
  }

  /** Copies `data` into the tensor, `offset` elements of it in; halves come as they are, an even number of them. */
  write(target: Tensor, data: Float32Array | Uint32Array | Uint16Array, offset = 0): void {
    const at = data.BYTES_PER_ELEMENT * offset;
    if (!target.slot || at + data.byteLength > target.bytes)
      throw new RangeError(
        `write: data must fit into ${describe(target)}, got ${data.length} elements at ${offset}. Check the shape.`,
      );
    const { buffer, offset: start } = target.slot;
    this.device.queue.writeBuffer(buffer, start + at, data as Float32Array<ArrayBuffer>);
  }

  /** Reads a tensor back through a staging buffer of its own: for tests and rare reads; loops use the readback ring. */
  async read(source: Tensor): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array(await this.readBytes(source));
  }

  async readU32(source: Tensor): Promise<Uint32Array<ArrayBuffer>> {
    return new Uint32Array(await this.readBytes(source));
  }

  async readBytes(source: Tensor): Promise<ArrayBuffer> {
    if (!source.slot)
      throw new Error(`read: the tensor must be placed, got ${describe(source)}. Compile its program first.`);
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const staging = this.device.createBuffer({ label: 'read', size: source.bytes, usage: MAP_READ | COPY_DST });
    try {
      this.submit((encoder) => {
        if (source.slot) encoder.copyBufferToBuffer(source.slot.buffer, source.slot.offset, staging, 0, source.bytes);
      });
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0);
    } finally {
      staging.destroy();
    }
  }

  /** One submit of whatever `encode` appends. */
  submit(encode: (encoder: GPUCommandEncoder) => void): void {
    if (this.lostReason !== null)
      throw new Error(`GPU: the device must be alive, got a lost one (${this.lostReason}). It is being rebuilt.`);
    const encoder = this.device.createCommandEncoder();
    encode(encoder);
    this.device.queue.submit([encoder.finish()]);
  }

  async idle(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
  }

  /** One layout for all kernels with the same list of binding kinds. */
  layout(k: Kernel): GPUBindGroupLayout {
    const key = k.bindings.map((b) => b.access).join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.device.createBindGroupLayout({
        label: key,
        entries: k.bindings.map(({ index, access }) => ({
          binding: index,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: access === 'uniform' ? 'uniform' : access === 'read' ? 'read-only-storage' : 'storage' },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  /** Compiled once per kernel and variant: `constants` are prepended, `overrides` set pipeline constants. */
  pipeline(k: Kernel, constants: Constants = {}, overrides: Constants = {}): Promise<GPUComputePipeline> {
    let variants = this.#pipelines.get(k);
    if (!variants) this.#pipelines.set(k, (variants = new Map()));
    const key = JSON.stringify([constants, overrides]);
    let pipeline = variants.get(key);
    if (!pipeline) {
      pipeline = this.#compile(k, wgsl(k, constants), overrides);
      variants.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile(k: Kernel, code: string, overrides: Constants): Promise<GPUComputePipeline> {
    this.device.pushErrorScope('validation'); // the sentence below says it; it is not also "uncaptured"
    const module = this.device.createShaderModule({ label: k.stem, code });
    void this.device.popErrorScope();
    try {
      return await this.device.createComputePipelineAsync({
        label: k.stem,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(k)] }),
        compute: { module, entryPoint: 'main', constants: { ...overrides } },
      });
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const detail = messages.map((m) => `${m.lineNum}:${m.linePos} ${m.message}`).join('; ') || String(error);
      throw new Error(`${k.stem}.wgsl: must compile on this adapter, got ${detail}. Report it with the page #/check.`, {
        cause: error,
      });
    }
  }

  destroy(): void {
    this.device.destroy();
  }
}

/** Opens a fresh adapter (an adapter yields one device). `api` is navigator.gpu, or Dawn's in Node. */
export async function openGpu(api?: GPU, needs: Needs = {}): Promise<Gpu> {
  const gpu = api ?? (typeof navigator === 'undefined' ? undefined : navigator.gpu);
  if (!gpu)
    throw new GpuMissingError(
      'WebGPU: the browser must offer it, got none. Use a recent Chrome, Edge, Safari or Firefox, over https or localhost.',
    );
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new GpuMissingError(
      'WebGPU: an adapter must be available, got none. Update the graphics driver or turn on hardware acceleration.',
    );
  const requiredLimits: Record<string, number> = {};
  for (const [limit, wanted] of Object.entries(needs)) {
    const offered = adapter.limits[limit as keyof Needs];
    if (wanted > offered)
      throw new RangeError(
        `WebGPU: ${limit} of at least ${wanted} is needed, got ${offered} on this adapter. Choose a smaller model.`,
      );
    if (wanted > DEFAULT_LIMITS[limit as keyof Needs]) requiredLimits[limit] = wanted;
  }
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED.filter((f) => adapter.features.has(f)),
    requiredLimits,
  });
  return new Gpu(device, adapter);
}

/** What the browser's WGSL offers beyond the standard; nothing where there is no WebGPU. */
export const wgslFeatures = (): Iterable<string> =>
  (typeof navigator === 'undefined' ? undefined : navigator.gpu)?.wgslLanguageFeatures ?? [];

/** Defaults of the WebGPU specification: every adapter grants them. */
const DEFAULT_LIMITS = { maxStorageBufferBindingSize: 134_217_728, maxBufferSize: 268_435_456 };
