// What the person set for the next reward model of each project; half-made settings survive a reload.
import type { NumberKey } from '../records/config.ts';
import { defaultReward, validateReward, type RewardConfig } from '../records/rewardConfig.ts';
import { engine } from './engine.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';

export type RewardKey = NumberKey<RewardConfig>;

interface Chosen {
  config: RewardConfig;
}

const isChosen = (value: unknown): value is Chosen => {
  try {
    validateReward((value as Chosen).config);
    return true;
  } catch {
    return false;
  }
};

class RewardSettings {
  readonly #byProject = new Map<string, Persisted<Chosen>>();
  /** What was set since the page was opened, by project: state that is made while it is first read is not tracked. */
  #changed = $state.raw<Readonly<Record<string, Chosen>>>({});
  /** Fields of the form that hold what does not fit; their settings stay as they were. */
  #wrong = $state.raw<readonly RewardKey[]>([]);

  get config(): RewardConfig {
    const id = projects.current?.id ?? '';
    return (this.#changed[id] ?? this.#kept(id).value).config;
  }
  /** Nothing can be started while there is one. */
  get wrong(): readonly RewardKey[] {
    return this.#wrong;
  }
  /** As the model's record wants them. */
  get isDefault(): boolean {
    return this.#wrong.length === 0 && textOf(this.config) === textOf(defaultReward(engine.model));
  }

  mark(key: RewardKey, wrong: boolean): void {
    if (this.#wrong.includes(key) === wrong) return;
    this.#wrong = wrong ? [...this.#wrong, key] : this.#wrong.filter((other) => other !== key);
  }

  set(change: Partial<RewardConfig>): void {
    this.#keep({ config: { ...this.config, ...change } });
  }

  /** A whole form, such as "Run again with changes" has it: what was mistyped is gone. */
  take(config: RewardConfig): void {
    this.#wrong = [];
    this.#keep({ config });
  }

  reset(): void {
    this.take(defaultReward(engine.model));
  }

  #keep(chosen: Chosen): void {
    const id = projects.current?.id ?? '';
    this.#kept(id).value = chosen;
    this.#changed = { ...this.#changed, [id]: chosen };
  }

  #kept(id: string): Persisted<Chosen> {
    let kept = this.#byProject.get(id);
    if (!kept) {
      kept = new Persisted(`reward ${id}`, { config: defaultReward(engine.model) }, isChosen);
      this.#byProject.set(id, kept);
    }
    return kept;
  }
}

const textOf = (config: RewardConfig): string =>
  JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));

export const rewardSettings = new RewardSettings();
