// What the person set for the next run of each project; half-made settings survive a reload.
import { PRESETS, presetSft, validateSft, type NumberField, type Preset, type SftConfig } from '../records/config.ts';
import { engine } from './engine.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';

type NumberKey = NumberField['key'];

interface Chosen {
  config: SftConfig;
}

const isChosen = (value: unknown): value is Chosen => {
  try {
    validateSft((value as Chosen).config);
    return true;
  } catch {
    return false;
  }
};

class TrainSettings {
  #byProject = new Map<string, Persisted<Chosen>>();
  /** Fields of the form that hold what does not fit; their settings stay as they were. */
  #wrong = $state.raw<readonly NumberKey[]>([]);
  #preset = $derived.by(() => (this.#wrong.length > 0 ? null : presetOf(this.config)));

  /** The one that the form is, to the last field; null = the person's own settings. */
  get preset(): Preset | null {
    return this.#preset;
  }
  get config(): SftConfig {
    return this.#kept.value.config;
  }

  /** Nothing can be started while there is one. */
  get wrong(): readonly NumberKey[] {
    return this.#wrong;
  }

  mark(key: NumberKey, wrong: boolean): void {
    if (this.#wrong.includes(key) === wrong) return;
    this.#wrong = wrong ? [...this.#wrong, key] : this.#wrong.filter((other) => other !== key);
  }

  choose(preset: Preset): void {
    this.take(presetSft(preset, engine.model));
  }

  set(change: Partial<SftConfig>): void {
    this.#kept.value = { config: { ...this.config, ...change } };
  }

  /** A whole form, such as "Run again with changes" has it: what was mistyped is gone. */
  take(config: SftConfig): void {
    this.#wrong = [];
    this.#kept.value = { config };
  }

  get #kept(): Persisted<Chosen> {
    const id = projects.current?.id ?? '';
    let kept = this.#byProject.get(id);
    if (!kept) {
      kept = new Persisted(`sft ${id}`, { config: presetSft('balanced', engine.model) }, isChosen);
      this.#byProject.set(id, kept);
    }
    return kept;
  }
}

/** The preset that these settings are, to the last field. */
function presetOf(config: SftConfig): Preset | null {
  const text = (one: SftConfig): string => JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)));
  return PRESETS.find((preset) => text(presetSft(preset, engine.model)) === text(config)) ?? null;
}

export const trainSettings = new TrainSettings();
