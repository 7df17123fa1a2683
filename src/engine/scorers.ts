// Who may score over one base in memory: a few reward models, each with its own recorded programs.
import type { AdapterSource } from './decoders.ts';
import type { Gpu } from './gpu/device.ts';
import { Kept } from './kept.ts';
import { createAdapter } from './lora.ts';
import type { Llama } from './models/llama.ts';
import { Scorer } from './score.ts';

/** What the engine offers: one job at a time, alone on a live device. */
interface Jobs {
  job<T>(work: (session: { scorers: Scorers }) => Promise<T>): Promise<T>;
}

/** Rows of one job: about what one batch holds. */
const AT_ONCE = 16;
const SLICE_MS = 50;
/** Reward models that stay on the GPU: one at work, one that it is compared with. */
const KEPT_SCORERS = 2;

export class Scorers {
  readonly #kept = new Kept<Scorer>(KEPT_SCORERS, free);

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    private readonly source: AdapterSource,
  ) {}

  /** The scorer of a reward model; never while another call is under way. */
  of(id: string): Promise<Scorer> {
    return this.#kept.of(id, async () => {
      const { settings, values, head } = await this.source(id);
      if (!head)
        throw new Error(
          'adapter: a reward model must have a head that scores, got an adapter that answers. Choose a reward model.',
        );
      const { gpu, model } = this;
      const adapter = createAdapter(gpu, model.config, settings, values);
      try {
        return new Scorer(gpu, model, adapter, gpu.tensor('head', [1, head.length], 'f32', head));
      } catch (error) {
        adapter.flat.slot?.buffer.destroy();
        throw error;
      }
    });
  }

  /** Its numbers have changed. */
  forget(id: string): void {
    this.#kept.forget(id);
  }
}

function free(scorer: Scorer): void {
  scorer.dispose();
  scorer.adapter?.flat.slot?.buffer.destroy();
  scorer.head.slot?.buffer.destroy();
}

/** What a reward model gives each row of ids, in their order; null when `goOn`, asked after each share (0 … 1), says no.
 *  Other jobs go between the shares; a lost device costs one of them. */
export async function scoreRows(
  engine: Jobs,
  adapterId: string,
  rows: readonly (readonly number[])[],
  goOn: (share: number) => boolean | Promise<boolean> = () => true,
): Promise<number[] | null> {
  const scores = rows.map(() => 0);
  const lengthOf = (row: number): number => rows[row]?.length ?? 0;
  const order = rows.map((_, i) => i).sort((a, b) => lengthOf(b) - lengthOf(a)); // alike together: little padding
  for (let at = 0; at < order.length; at += AT_ONCE) {
    const own = order.slice(at, at + AT_ONCE);
    const found = await engine.job(async ({ scorers }) => {
      const scorer = await scorers.of(adapterId);
      const asked = own.map((row) => rows[row] ?? []);
      const scoring = scorer.score(asked, { sliceMs: SLICE_MS });
      let next = await scoring.next();
      while (!next.done) next = await scoring.next();
      return next.value ?? [];
    });
    own.forEach((row, i) => (scores[row] = found[i] ?? Number.NaN));
    if (!(await goOn((at + own.length) / order.length))) return null;
  }
  return scores;
}
