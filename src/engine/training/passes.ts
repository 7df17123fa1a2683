// Programs that run one after another and share their memory: what training steps are made of.
//
// Recorded first, so that their memory is known, or refused in words, before anything is allocated; layers are recomputed in
// backward passes when they would exceed the budget. Then compiled, bound and replayed.
import { fnv1a } from '../../formats/hash.ts';
import type { Gpu } from '../gpu/device.ts';
import { Recorder, type Program } from '../gpu/program.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { Llama } from '../models/llama.ts';
import { weightBytes } from '../models/weights.ts';

export class MemoryError extends Error {
  override name = 'MemoryError';

  constructor(
    message: string,
    /** The least that would do. */
    readonly bytes: number,
  ) {
    super(message);
  }
}

export interface Pass {
  /** Names it among the others, and in profiles. */
  key: string;
  /** Whether it has a backward pass, whose layers can be recomputed. */
  trains: boolean;
  /** Appends it; the first `recompute` layers are computed again in its backward pass. */
  record(rec: Recorder, recompute: number): void;
}

export interface PassOptions {
  passes: readonly Pass[];
  /** What else stays on the GPU beside the base's weights: adapters, optimizer, inputs. Freed by whoever made them. */
  resident: readonly Tensor[];
  /** Bytes on the GPU in all, weights included. */
  budget?: number;
  /** Bytes that are kept free for answers between steps. */
  answers?: number;
}

const MIB = 2 ** 20;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Of several lists of sizes the largest at each place. */
const largest = (lists: readonly (readonly number[])[]): number[] =>
  Array.from({ length: Math.max(0, ...lists.map((list) => list.length)) }, (_, i) =>
    Math.max(...lists.map((list) => list[i] ?? 0)),
  );

export class PassPlan {
  readonly recorders = new Map<string, Recorder>();
  /** So many of the first layers are computed again in the backward passes. */
  recomputed = 0;
  /** Bytes of each arena that the programs share. */
  arenas: readonly number[] = [];
  /** Everything on the GPU: weights, what is resident, the arenas, and what answers take at least. */
  bytes = 0;

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    readonly options: PassOptions,
  ) {
    for (const pass of options.passes) if (!pass.trains) this.#record(pass, 0);
    this.#fit();
  }

  /** Bytes of the budget that the steps leave to answers. */
  get room(): number {
    const { budget = Infinity, answers = 0 } = this.options;
    return budget - (this.bytes - answers);
  }

  /** Names the kernels, sizes and order of everything that computes: the kernel plan of runs and checkpoints. */
  get hash(): string {
    return fnv1a(this.options.passes.map(({ key }) => this.recorders.get(key)?.hash()).join());
  }

  /** The least number of recomputed layers with which everything fits. */
  #fit(): void {
    const { budget = Infinity, answers = 0, passes, resident } = this.options;
    const training = passes.filter(({ trains }) => trains);
    const fixed = answers + weightBytes(this.model.weights) + sum(resident.map((t) => t.bytes));
    const others = [...this.recorders.values()].map((rec) => rec.plan().arenas);
    const bytesAt = (recomputed: number): number => {
      this.recomputed = recomputed;
      const own = training.map((pass) => this.#record(pass, recomputed).plan().arenas);
      this.arenas = largest([...others, ...own]);
      return (this.bytes = fixed + sum(this.arenas));
    };
    if (bytesAt(0) <= budget) return;
    const all = this.model.config.layers;
    const least = bytesAt(all);
    if (least > budget)
      throw new MemoryError(
        `memory: weights, optimizer and a step must fit into ${Math.floor(budget / MIB)} MiB, got ` +
          `${Math.ceil(least / MIB)} MiB even with every layer recomputed. Use shorter texts, a smaller batch or rank, or ` +
          'raise the budget.',
        least,
      );
    let [over, fits] = [0, all]; // bytes fall with every layer: over never fits, fits always does
    while (fits - over > 1) {
      const middle = (fits + over) >> 1;
      if (bytesAt(middle) <= budget) fits = middle;
      else over = middle;
    }
    if (this.recomputed !== fits) bytesAt(fits);
  }

  #record(pass: Pass, recompute: number): Recorder {
    const rec = new Recorder(this.gpu, pass.key);
    pass.record(rec, recompute);
    rec.prune();
    this.recorders.set(pass.key, rec);
    return rec;
  }
}

type Progress = (done: number, total: number) => void;

/** A plan, compiled. Frees its own memory, never what is resident. */
export class Passes {
  private constructor(
    readonly plan: PassPlan,
    private readonly programs: ReadonlyMap<string, Program>,
    private readonly arenas: readonly GPUBuffer[],
  ) {}

  static async compile(plan: PassPlan, onCompile?: Progress): Promise<Passes> {
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const arenas: GPUBuffer[] = [];
    const programs = new Map<string, Program>();
    const free = (): void => {
      for (const program of programs.values()) program.dispose();
      for (const arena of arenas) arena.destroy();
    };
    try {
      for (const size of plan.arenas)
        arenas.push(plan.gpu.device.createBuffer({ label: 'passes', size, usage: STORAGE | COPY_SRC | COPY_DST }));
      const total = sum([...plan.recorders.values()].map((rec) => rec.length));
      let before = 0;
      for (const [key, rec] of plan.recorders) {
        programs.set(key, await rec.compile((done) => onCompile?.(before + done, total), arenas));
        before += rec.length;
      }
      return new Passes(plan, programs, arenas);
    } catch (error) {
      free();
      throw error;
    }
  }

  program(key: string): Program {
    const program = this.programs.get(key);
    if (!program) throw new Error(`passes: what runs must be planned, got "${key}". Plan all sizes.`);
    return program;
  }

  dispose(): void {
    for (const program of this.programs.values()) program.dispose();
    for (const arena of this.arenas) arena.destroy();
  }
}
