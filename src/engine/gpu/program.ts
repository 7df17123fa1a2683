// Record once, replay for ever: a Recorder collects dispatches, a Program replays them with no allocation at all.
import type { Gpu } from './device.ts';
import { fnv1a } from '../../formats/hash.ts';
import { checkNames, packParams, wgsl, type Constants, type Kernel } from './kernel.ts';
import { planMemory, type MemoryPlan, type PlanTensor } from './plan.ts';
import type { Tape } from '../tape.ts';
import { describe, tensor, type DType, type Tensor } from './tensor.ts';

export interface DispatchOptions {
  /** Workgroups in x, y, z. */
  groups: readonly [number, number?, number?];
  params?: Readonly<Record<string, number>>;
  constants?: Constants;
  overrides?: Constants;
  /** Multiplications and additions, for the slicing of submits and the profile. */
  flops?: number;
}

interface Dispatch extends DispatchOptions {
  kernel: Kernel;
  buffers: Readonly<Record<string, Tensor>>;
}

const UNIFORM_ALIGN = 256;

export class Recorder {
  #dispatches: Dispatch[] = [];
  readonly #temporaries = new Set<Tensor>();
  readonly #kept = new Set<Tensor>();

  /** Where ops note how their gradients flow; null while nothing is to be differentiated. */
  tape: Tape | null = null;

  constructor(
    readonly gpu: Gpu,
    readonly label: string,
  ) {}

  /** A tensor that lives only inside this program: the plan places it, and shares its memory with others over time. */
  temp(label: string, shape: readonly number[], dtype: DType = 'f32'): Tensor {
    const made = tensor(label, shape, dtype, null);
    this.#temporaries.add(made);
    return made;
  }

  /** Keeps a temporary readable after the program has run. */
  keep(kept: Tensor): Tensor {
    this.#kept.add(kept);
    return kept;
  }

  /** Appends one dispatch; `buffers` names the kernel's storage bindings exactly. */
  dispatch(kernel: Kernel, buffers: Readonly<Record<string, Tensor>>, options: DispatchOptions): void {
    checkNames(kernel, Object.keys(buffers), Object.keys(options.params ?? {}));
    const limit = this.gpu.device.limits.maxComputeWorkgroupsPerDimension;
    for (const n of options.groups)
      if (n !== undefined && (!Number.isInteger(n) || n < 1 || n > limit))
        throw new RangeError(
          `${kernel.stem}: workgroups must be 1…${limit}, got [${options.groups.join(', ')}]. Fold the grid.`,
        );
    const written = kernel.bindings.filter((b) => b.access === 'read_write').map((b) => buffers[b.name]);
    for (const { name, access } of kernel.bindings) {
      const t = buffers[name];
      if (!t) continue;
      if (!t.slot && !this.#temporaries.has(t))
        throw new Error(
          `${kernel.stem}: ${name} must belong to this program or be resident, got ${describe(t)}. Make it with this ` +
            'recorder, or give it a buffer.',
        );
      const clash =
        access === 'read' && written.some((w) => w && (w === t || (w.slot && w.slot.buffer === t.slot?.buffer)));
      if (clash)
        throw new Error(
          `${kernel.stem}: one buffer may not be read and written at once, got ${describe(t)}. Use two buffers.`,
        );
    }
    this.#dispatches.push({ ...options, kernel, buffers });
  }

  /** Drops dispatches whose results nobody reads: the ends of layers that are only computed again for their insides. */
  prune(): void {
    const needed = new Set<Tensor>(this.#kept);
    const live = this.#dispatches.toReversed().filter(({ kernel, buffers }) => {
      const named = (wanted: boolean): Tensor[] =>
        kernel.bindings.flatMap(({ name, access }) =>
          (access === 'read_write') === wanted && buffers[name] ? [buffers[name]] : [],
        );
      const used = named(true).some((t) => !this.#temporaries.has(t) || needed.has(t));
      if (used) for (const t of [...named(true), ...named(false)]) needed.add(t);
      return used;
    });
    this.#dispatches = live.reverse();
    for (const t of this.#temporaries) if (!needed.has(t)) this.#temporaries.delete(t);
  }

  /** Multiplications and additions of all dispatches. */
  get flops(): number {
    return this.#dispatches.reduce((sum, d) => sum + (d.flops ?? 0), 0);
  }

  get length(): number {
    return this.#dispatches.length;
  }

  /** Plans the memory, compiles every pipeline in parallel, binds everything. `shared`: arenas of several programs that
   *  never run at once, each at least as large as this plan's; the caller destroys them. */
  async compile(onProgress?: (done: number, total: number) => void, shared?: readonly GPUBuffer[]): Promise<Program> {
    const { gpu } = this;
    let done = 0;
    const pipelines = await Promise.all(
      this.#dispatches.map(async (d) => {
        const pipeline = await gpu.pipeline(d.kernel, d.constants, d.overrides);
        onProgress?.(++done, this.#dispatches.length);
        return pipeline;
      }),
    );
    const plan = this.plan();
    const buffers: GPUBuffer[] = [];
    let steps: Step[] = [];
    let failure: unknown = null;
    gpu.device.pushErrorScope('out-of-memory');
    gpu.device.pushErrorScope('validation');
    try {
      steps = this.#bind(plan, pipelines, buffers, shared);
    } catch (error) {
      failure = error;
    }
    // Whatever happened, both scopes are closed and what was made is freed.
    const [invalid, noMemory] = await Promise.all([gpu.device.popErrorScope(), gpu.device.popErrorScope()]);
    if (noMemory)
      failure = new Error(
        `${this.label}: ${plan.bytes} bytes must fit on the GPU, got out of memory. Use a shorter context.`,
      );
    else if (invalid)
      failure ??= new Error(
        `${this.label}: the program must be valid, got ${invalid.message}. Report it with the page #/check.`,
      );
    if (failure !== null) {
      for (const buffer of buffers) buffer.destroy();
      throw failure instanceof Error ? failure : new Error(String(failure));
    }
    const [uniforms, ...arenas] = buffers as [GPUBuffer, ...GPUBuffer[]];
    return new Program(gpu, this.label, steps, plan, arenas, uniforms, this.hash());
  }

  /** Makes the buffers, params first, then the plan's arenas, and binds every dispatch to them. */
  #bind(
    plan: MemoryPlan,
    pipelines: readonly GPUComputePipeline[],
    buffers: GPUBuffer[],
    shared?: readonly GPUBuffer[],
  ): Step[] {
    const { device } = this.gpu;
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
    const create = (name: string, bytes: number, usage: number): GPUBuffer => {
      const buffer = device.createBuffer({ label: `${this.label} ${name}`, size: bytes, usage });
      buffers.push(buffer);
      return buffer;
    };
    const uniforms = create('params', Math.max(1, this.#dispatches.length) * UNIFORM_ALIGN, UNIFORM | COPY_DST);
    const arenas = shared ?? plan.arenas.map((bytes, i) => create(`arena ${i}`, bytes, STORAGE | COPY_SRC | COPY_DST));
    plan.arenas.forEach((bytes, i) => {
      if ((arenas[i]?.size ?? 0) < bytes)
        throw new RangeError(
          `${this.label}: arena ${i} must hold ${bytes} bytes, got ${arenas[i]?.size ?? 'none'}. Plan all programs first.`,
        );
    });
    [...this.#temporaries].forEach((t, i) => {
      const place = plan.places[i];
      const buffer = place && arenas[place.arena];
      if (buffer) t.slot = { buffer, offset: place.offset };
    });
    return this.#dispatches.map((d, i): Step => {
      const params = packParams(d.kernel, d.params ?? {});
      device.queue.writeBuffer(uniforms, i * UNIFORM_ALIGN, params);
      const entries = d.kernel.bindings.map(({ name, index, access }): GPUBindGroupEntry => {
        if (access === 'uniform')
          return { binding: index, resource: { buffer: uniforms, offset: i * UNIFORM_ALIGN, size: params.byteLength } };
        const t = d.buffers[name];
        if (!t?.slot)
          throw new Error(`${d.kernel.stem}: ${name} must be placed, got no slot. This is a bug of the planner.`);
        return { binding: index, resource: { buffer: t.slot.buffer, offset: t.slot.offset, size: t.bytes } };
      });
      const [x, y = 1, z = 1] = d.groups;
      return {
        stem: d.kernel.stem,
        pipeline: pipelines[i] as GPUComputePipeline,
        group: device.createBindGroup({ label: d.kernel.stem, layout: this.gpu.layout(d.kernel), entries }),
        x,
        y,
        z,
        flops: d.flops ?? 0,
      };
    });
  }

  /** The memory plan alone: bytes can be shown, or refused, before anything is allocated. */
  plan(): MemoryPlan {
    const temporaries = [...this.#temporaries];
    const index = new Map(temporaries.map((t, i) => [t, i]));
    const life: PlanTensor[] = temporaries.map((t) => ({ bytes: t.bytes, first: -1, last: -1 }));
    const uses = this.#dispatches.map((d, step) => {
      const reads: number[] = [];
      const writes: number[] = [];
      for (const { name, access } of d.kernel.bindings) {
        const i = index.get(d.buffers[name] as Tensor);
        if (i === undefined) continue;
        (access === 'read_write' ? writes : reads).push(i);
        const l = life[i];
        if (!l) continue;
        if (l.first < 0) l.first = step;
        l.last = step;
      }
      return { reads, writes };
    });
    temporaries.forEach((t, i) => {
      const l = life[i];
      if (!l) return;
      if (l.first < 0) l.first = l.last = 0;
      if (this.#kept.has(t)) l.last = this.#dispatches.length;
    });
    const { maxStorageBufferBindingSize, maxBufferSize } = this.gpu.device.limits;
    return planMemory(life, uses, Math.min(maxStorageBufferBindingSize, maxBufferSize));
  }

  /** Changes when any kernel text, constant, shape or grid changes: the kernel plan of runs and checkpoints. */
  hash(): string {
    const texts = new Map<string, string>();
    const kernels = [...new Set(this.#dispatches.map((d) => d.kernel))]; // one stem can have several texts
    for (const d of this.#dispatches) {
      const key = kernels.indexOf(d.kernel) + JSON.stringify([d.constants ?? {}, d.overrides ?? {}]);
      if (!texts.has(key)) texts.set(key, wgsl(d.kernel, d.constants));
    }
    const all = [
      ...texts.values(),
      ...this.#dispatches.map((d) => JSON.stringify([d.kernel.stem, d.groups, d.params])),
    ];
    return fnv1a(all.join('\n'));
  }
}

export interface Step {
  stem: string;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  x: number;
  y: number;
  z: number;
  flops: number;
}

export class Program {
  constructor(
    readonly gpu: Gpu,
    readonly label: string,
    readonly steps: readonly Step[],
    readonly plan: MemoryPlan,
    /** Buffers of the temporaries; tests poison them between runs. */
    readonly arenas: readonly GPUBuffer[],
    readonly uniforms: GPUBuffer,
    readonly hash: string,
  ) {}

  /** Appends steps [from, to) to the encoder, in one compute pass. Creates nothing else. */
  encode(encoder: GPUCommandEncoder, from = 0, to = this.steps.length): void {
    const pass = encoder.beginComputePass();
    let bound: GPUComputePipeline | null = null;
    for (let i = from; i < to; i++) {
      const step = this.steps[i] as Step;
      if (step.pipeline !== bound) pass.setPipeline((bound = step.pipeline));
      pass.setBindGroup(0, step.group);
      pass.dispatchWorkgroups(step.x, step.y, step.z);
    }
    pass.end();
  }

  /** Submits the whole program; with `sliceMs`, in pieces that the cost model predicts to last at most that long. */
  run(sliceMs = Infinity): void {
    const { flopsPerMs, dispatchMs } = this.gpu;
    let from = 0;
    let ms = 0;
    this.steps.forEach((step, i) => {
      const cost = dispatchMs + step.flops / flopsPerMs;
      if (i > from && ms + cost > sliceMs) {
        this.gpu.submit((encoder) => this.encode(encoder, from, i));
        from = i;
        ms = 0;
      }
      ms += cost;
    });
    this.gpu.submit((encoder) => this.encode(encoder, from));
  }

  dispose(): void {
    for (const buffer of this.arenas) buffer.destroy();
    this.uniforms.destroy();
  }
}
