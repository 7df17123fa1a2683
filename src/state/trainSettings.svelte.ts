// What the person set for the next run of each project; half-made settings survive a reload.
import { PRESETS, presetSft, validateSft, type Preset, type SftConfig } from '../records/config.ts';
import { engine } from './engine.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';

interface Chosen {
  /** null = a preset's fields were changed. */
  preset: Preset | null;
  config: SftConfig;
}

const isChosen = (value: unknown): value is Chosen => {
  try {
    const { preset, config } = value as Chosen;
    validateSft(config);
    return preset === null || PRESETS.includes(preset);
  } catch {
    return false;
  }
};

class TrainSettings {
  #byProject = new Map<string, Persisted<Chosen>>();

  get preset(): Preset | null {
    return this.#kept.value.preset;
  }
  get config(): SftConfig {
    return this.#kept.value.config;
  }

  choose(preset: Preset): void {
    this.#kept.value = { preset, config: presetSft(preset, engine.model) };
  }

  set(change: Partial<SftConfig>): void {
    const config = { ...this.config, ...change };
    this.#kept.value = { preset: presetOf(config), config };
  }

  /** "Run again with changes": the form as that run had it. */
  take(config: SftConfig): void {
    this.#kept.value = { preset: presetOf(config), config };
  }

  get #kept(): Persisted<Chosen> {
    const id = projects.current?.id ?? '';
    let kept = this.#byProject.get(id);
    if (!kept) {
      kept = new Persisted(`sft ${id}`, { preset: 'balanced', config: presetSft('balanced', engine.model) }, isChosen);
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
