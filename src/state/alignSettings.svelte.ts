// What the person set for the next alignment of each project; half-made settings and half-written rules survive a reload.
import { TARGETS, type Adapter } from '../records/adapter.ts';
import type { BaseModel } from '../records/baseModel.ts';
import { SCHEDULES, validateNumbers, type NumberKey } from '../records/config.ts';
import { defaultPpo, KL_CONTROLS, KL_ESTIMATORS, PPO_FIELDS, type PpoConfig } from '../records/ppoConfig.ts';
import { RULE_KINDS, validateRule, type Rule } from '../records/rules.ts';
import { adapters } from './adapters.svelte.ts';
import { engine } from './engine.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';

export type PpoKey = NumberKey<PpoConfig>;

/** Whether it scores answers of this base. */
export const scores = ({ baseModelId, baseSha256, taskType }: Adapter, { id, sha256 }: BaseModel): boolean =>
  taskType === 'SEQ_CLS' && baseModelId === id && (baseSha256 === '' || baseSha256 === sha256);

export const PPO_PRESETS = ['careful', 'balanced', 'bold'] as const;
export type PpoPreset = (typeof PPO_PRESETS)[number];

/** What a preset leaves as it is: the task itself. */
const TASK = ['startAdapterId', 'rewardAdapterId', 'rewardWeight', 'rules', 'seed'] as const;

export function presetPpo(preset: PpoPreset, model: BaseModel): PpoConfig {
  const base = defaultPpo(model);
  const { learningRate, klCoef, steps } = base;
  if (preset === 'careful') return { ...base, learningRate: learningRate / 2, klCoef: klCoef * 2 };
  if (preset === 'bold')
    return { ...base, learningRate: learningRate * 2, klCoef: klCoef / 2, steps: steps * 2, klControl: 'adaptive' };
  return base;
}

/** The preset that these settings are, to the last field that a preset sets. */
export function presetOf(config: PpoConfig, model: BaseModel): PpoPreset | null {
  const text = (one: PpoConfig): string =>
    JSON.stringify(
      Object.entries(one)
        .filter(([key]) => !TASK.some((own) => own === key))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return PPO_PRESETS.find((preset) => text(presetPpo(preset, model)) === text(config)) ?? null;
}

/** Why a rule cannot pay yet, in words that the page has or the browser gives; null when it can. */
export function ruleProblem(
  rule: Rule,
): { what: 'empty' | 'range' | 'slow' } | { what: 'pattern'; detail: string } | null {
  try {
    validateRule(rule);
    return null;
  } catch {
    if (rule.kind === 'contains' && rule.text === '') return { what: 'empty' };
    if (rule.kind !== 'regex') return { what: 'range' };
    if (rule.pattern === '') return { what: 'empty' };
    const detail = patternProblem(rule.pattern);
    return detail === '' ? { what: 'slow' } : { what: 'pattern', detail };
  }
}

function patternProblem(pattern: string): string {
  try {
    new RegExp(pattern, 'u');
    return '';
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : '';
  }
}

/** Fields that must divide the answers of a step and do not. */
export const undividing = (config: Pick<PpoConfig, 'batch' | 'samplesPerPrompt' | 'minibatches'>): PpoKey[] =>
  (['samplesPerPrompt', 'minibatches'] as const).filter((key) => config.batch % config[key] !== 0);

/** Whether any answer could be paid more than another: without that there is nothing to learn. */
export const pays = ({ rewardAdapterId, rewardWeight, rules }: PpoConfig): boolean =>
  (rewardAdapterId !== null && rewardWeight !== 0) || rules.some(({ weight }) => weight !== 0);

/** A number of the form, or one of a rule: "rule 2 weight". */
type Field = PpoKey | `rule ${number} ${string}`;

interface Chosen {
  config: PpoConfig;
  /** The reward model whose warning was read and accepted. */
  accepted: string | null;
}

const isRule = (value: unknown): value is Rule => {
  const { kind, weight } = (value ?? {}) as Partial<Rule>;
  return RULE_KINDS.some((name) => name === kind) && typeof weight === 'number';
};

/** Of this version, half-written rules and all. */
const isChosen = (value: unknown): value is Chosen => {
  try {
    const { config } = value as Chosen;
    validateNumbers(config, PPO_FIELDS, 'config');
    return (
      config.rules.every(isRule) &&
      config.targets.every((target) => TARGETS.includes(target)) &&
      SCHEDULES.includes(config.schedule) &&
      KL_ESTIMATORS.includes(config.klEstimator) &&
      KL_CONTROLS.includes(config.klControl)
    );
  } catch {
    return false;
  }
};

class AlignSettings {
  readonly #byProject = new Map<string, Persisted<Chosen>>();
  /** What was set here, by project: a value that is first read within a derivation would not tell it of changes. */
  #set = $state.raw<Readonly<Record<string, Chosen>>>({});
  /** Fields of the form that hold what does not fit; their settings stay as they were. */
  #mistyped = $state.raw<readonly Field[]>([]);
  /** Counts the forms that were taken whole: their fields begin anew. */
  #taken = $state(0);
  #wrong = $derived(
    PPO_FIELDS.map(({ key }) => key).filter(
      (key) => this.#mistyped.includes(key) || undividing(this.config).includes(key),
    ),
  );
  #preset = $derived(this.#wrong.length > 0 ? null : presetOf(this.config, engine.model));

  get config(): PpoConfig {
    return this.#now.config;
  }
  /** null = the person's own settings. */
  get preset(): PpoPreset | null {
    return this.#preset;
  }
  /** Nothing can be started while there is one. */
  get wrong(): readonly PpoKey[] {
    return this.#wrong;
  }
  get taken(): number {
    return this.#taken;
  }
  /** Place of the first rule that cannot pay yet; -1 when all can. */
  get unfinished(): number {
    return this.config.rules.findIndex(
      (rule, i) => ruleProblem(rule) !== null || this.#mistyped.some((field) => field.startsWith(`rule ${i} `)),
    );
  }
  /** What would be started: an adapter that is gone counts for nothing. */
  get effective(): PpoConfig {
    const start = adapters.usable.find(({ id }) => id === this.config.startAdapterId);
    const reward = adapters.list.find(({ id }) => id === this.config.rewardAdapterId);
    const scorer = reward && scores(reward, engine.model) ? reward.id : null;
    return { ...this.config, startAdapterId: start?.id ?? null, rewardAdapterId: scorer };
  }

  accepted(adapterId: string): boolean {
    return this.#now.accepted === adapterId;
  }
  accept(adapterId: string | null): void {
    this.#keep({ accepted: adapterId });
  }

  mark(key: Field, wrong: boolean): void {
    if (this.#mistyped.includes(key) === wrong) return;
    this.#mistyped = wrong ? [...this.#mistyped, key] : this.#mistyped.filter((other) => other !== key);
  }

  /** The task stays: where it starts, and what is paid. */
  choose(preset: PpoPreset): void {
    const { config } = this;
    const task = Object.fromEntries(TASK.map((key) => [key, config[key]])) as Pick<PpoConfig, (typeof TASK)[number]>;
    this.take({ ...presetPpo(preset, engine.model), ...task });
  }

  set(change: Partial<PpoConfig>): void {
    this.#keep({ config: { ...this.config, ...change } });
  }

  addRule(rule: Rule): void {
    this.set({ rules: [...this.config.rules, rule] });
  }
  /** Gone from its place; putRule() takes it back. */
  removeRule(place: number): void {
    this.set({ rules: this.config.rules.filter((_, i) => i !== place) });
  }
  putRule(place: number, rule: Rule): void {
    this.set({ rules: this.config.rules.toSpliced(place, 0, rule) });
  }
  setRule(place: number, rule: Rule): void {
    this.set({ rules: this.config.rules.map((other, i) => (i === place ? rule : other)) });
  }

  /** A whole form, such as "Run again with changes" has it: what was mistyped is gone. */
  take(config: PpoConfig): void {
    this.#mistyped = [];
    this.#taken++;
    this.#keep({ config });
  }

  get #now(): Chosen {
    const id = projects.current?.id ?? '';
    return this.#set[id] ?? this.#kept(id).value;
  }

  #keep(change: Partial<Chosen>): void {
    const id = projects.current?.id ?? '';
    const next = { ...this.#now, ...change };
    this.#kept(id).value = next;
    this.#set = { ...this.#set, [id]: next };
  }

  #kept(id: string): Persisted<Chosen> {
    let kept = this.#byProject.get(id);
    if (!kept) {
      kept = new Persisted(`ppo ${id}`, { config: presetPpo('balanced', engine.model), accepted: null }, isChosen);
      this.#byProject.set(id, kept);
    }
    return kept;
  }
}

export const alignSettings = new AlignSettings();
