// A batch before it is started: its questions and who answers them. What is half typed is there after a reload.
import type { Contender } from '../records/batch.ts';
import { adapters } from './adapters.svelte.ts';
import { askSettings } from './askSettings.svelte.ts';
import { longestAnswer } from './askSampling.ts';
import { BATCH_TEMPERATURE, contendersOf, promptsOf, type Drawing, type PromptsRead } from './batchPlan.ts';
import { demoPrompts } from './demo.ts';
import { engine } from './engine.svelte.ts';
import { generations } from './generations.svelte.ts';
import { Persisted } from './persisted.svelte.ts';

interface PromptSet {
  name: string;
  prompts: string[];
}

interface Draft {
  text: string;
  sets: PromptSet[];
  /** How many of all prompts; null = all of them. */
  first: number | null;
  /** Null = two draws of the model in use, whichever that is then. */
  drawings: Drawing[] | null;
  maxNewTokens: number | null;
}

const EMPTY: Draft = { text: '', sets: [], first: null, drawings: null, maxNewTokens: null };

const isDraft = (value: unknown): value is Draft => {
  const { text, sets, drawings } = (value ?? {}) as Partial<Draft>;
  return typeof text === 'string' && Array.isArray(sets) && (drawings === null || Array.isArray(drawings));
};

class BatchDraft {
  #draft = new Persisted<Draft>('draft:batch', EMPTY, isDraft);
  #all = $derived([...new Set([...promptsOf(this.text).prompts, ...this.sets.flatMap(({ prompts }) => prompts)])]);
  #asked = $derived([...new Set(generations.list.map(({ question }) => question))]);

  get text(): string {
    return this.#draft.value.text;
  }
  set text(text: string) {
    this.#change({ text });
  }
  get sets(): readonly PromptSet[] {
    return this.#draft.value.sets;
  }
  /** Typed and taken, each once. */
  get all(): readonly string[] {
    return this.#all;
  }
  get first(): number {
    return Math.min(this.#draft.value.first ?? Infinity, this.#all.length);
  }
  set first(first: number) {
    this.#change({ first: first >= this.#all.length ? null : Math.max(1, Math.round(first)) });
  }
  get prompts(): readonly string[] {
    return this.#all.slice(0, this.first);
  }
  get drawings(): readonly Drawing[] {
    const usual = { adapterId: adapters.chosen?.id ?? null, temperature: BATCH_TEMPERATURE, draws: 2 };
    return this.#draft.value.drawings ?? [usual];
  }
  set drawings(drawings: readonly Drawing[]) {
    this.#change({ drawings: [...drawings] });
  }
  get longest(): number {
    return longestAnswer(engine.model.contextLength);
  }
  get maxNewTokens(): number {
    return Math.min(this.longest, this.#draft.value.maxNewTokens ?? askSettings.sampling.value.maxNewTokens);
  }
  set maxNewTokens(maxNewTokens: number) {
    this.#change({ maxNewTokens });
  }

  get contenders(): Contender[] {
    const sampling = { ...askSettings.sampling.value, maxNewTokens: this.maxNewTokens };
    const known = this.drawings.filter(({ adapterId }) => adapterId === null || adapters.find(adapterId)); // of this project
    return contendersOf(known, sampling, engine.model.contextLength);
  }
  /** All answers would be the same. */
  get greedy(): boolean {
    const { contenders } = this;
    const whos = new Set(contenders.map(({ adapterId }) => adapterId));
    return contenders.length > 1 && whos.size === 1 && contenders.every(({ sampling }) => sampling.temperature === 0);
  }

  /** Questions of the open project's askings. */
  get asked(): readonly string[] {
    return this.#asked;
  }

  take(name: string, prompts: readonly string[]): void {
    const others = this.sets.filter((set) => set.name !== name);
    this.#change({ sets: [...others, { name, prompts: [...prompts] }] });
  }

  drop(name: string): void {
    this.#change({ sets: this.sets.filter((set) => set.name !== name) });
  }

  /** Says what of the file could not be read. */
  async takeFile(file: File): Promise<PromptsRead> {
    const read = promptsOf(await file.text());
    if (read.prompts.length > 0) this.take(file.name, read.prompts);
    return read;
  }

  async useDemo(): Promise<void> {
    await this.takeFile(await demoPrompts());
  }

  /** Its questions are under way; who answers stays for the next. */
  started(): void {
    this.#change({ text: '', sets: [], first: null });
  }

  #change(change: Partial<Draft>): void {
    this.#draft.value = { ...this.#draft.value, ...change };
  }
}

export const batchDraft = new BatchDraft();
