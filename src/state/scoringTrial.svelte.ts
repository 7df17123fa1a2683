// One or two answers that a person tries on a reward model; half-typed texts survive a reload.
import { engine } from './engine.svelte.ts';
import { sentence } from './language.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';

export interface Trial {
  prompt: string;
  answers: readonly [string, string];
}

interface Result {
  adapterId: string;
  trial: Trial;
  /** null = too long to be scored, or not written. */
  scores: readonly (number | null)[];
}

const NOTHING: Trial = { prompt: '', answers: ['', ''] };
const isTrial = (value: unknown): value is Trial => {
  const { prompt, answers } = (value ?? {}) as Partial<Trial>;
  return typeof prompt === 'string' && answers?.length === 2 && answers.every((text) => typeof text === 'string');
};

class ScoringTrial {
  readonly #byProject = new Map<string, Persisted<Trial>>();
  /** What was set since the page was opened, by project: state that is made while it is first read is not tracked. */
  #changed = $state.raw<Readonly<Record<string, Trial>>>({});
  #result = $state.raw<Result | null>(null);
  #problem = $state('');
  #busy = $state(false);

  get now(): Trial {
    const id = projects.current?.id ?? '';
    return this.#changed[id] ?? this.#kept(id).value;
  }
  /** Why the last one failed; '' when it did not. */
  get problem(): string {
    return this.#problem;
  }
  get busy(): boolean {
    return this.#busy;
  }

  set(change: Partial<Trial>): void {
    const id = projects.current?.id ?? '';
    const next = { ...this.now, ...change };
    this.#kept(id).value = next;
    this.#changed = { ...this.#changed, [id]: next };
  }

  /** Of exactly what now stands in the form, by this model. */
  of(adapterId: string): Result | null {
    const result = this.#result;
    return result?.adapterId === adapterId && JSON.stringify(result.trial) === JSON.stringify(this.now) ? result : null;
  }

  async score(adapterId: string): Promise<void> {
    const trial = this.now;
    const written = trial.answers.map((text, i) => ({ i, text })).filter(({ text }) => text.trim() !== '');
    if (this.#busy || written.length === 0) return;
    this.#busy = true;
    this.#problem = '';
    try {
      await engine.ensureLoaded();
      const texts = written.map(({ text }) => ({ prompt: trial.prompt, completion: text }));
      const given = await engine.api.score(adapterId, texts, () => undefined);
      const scores: (number | null)[] = [null, null];
      for (const [at, { i }] of written.entries()) scores[i] = given[at] ?? null;
      this.#result = { adapterId, trial, scores };
    } catch (error) {
      this.#problem = sentence(error);
    } finally {
      this.#busy = false;
    }
  }

  #kept(id: string): Persisted<Trial> {
    let kept = this.#byProject.get(id);
    if (!kept) {
      kept = new Persisted(`score ${id}`, NOTHING, isTrial);
      this.#byProject.set(id, kept);
    }
    return kept;
  }
}

export const scoringTrial = new ScoringTrial();
