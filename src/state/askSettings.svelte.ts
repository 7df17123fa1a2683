// What the person set on the Ask page: sampling, passages, one or two answers, which documents. Survives a reload.
import { defaultSampling, validateSampling, type Sampling } from '../records/sampling.ts';
import { isFlag, isText, Persisted } from './persisted.svelte.ts';

export const PASSAGE_LIMITS = { min: 1, max: 10 } as const;

const isSampling = (value: unknown): value is Sampling => {
  try {
    validateSampling(value as Sampling);
    return true;
  } catch {
    return false;
  }
};
const isCount = (value: unknown): value is number | null =>
  value === null || (Number.isInteger(value) && Number(value) > 0);
const isIds = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

class AskSettings {
  /** Half-typed. */
  readonly question = new Persisted('ask-question', '', isText);
  /** Being answered: comes back into the box if the tab is closed meanwhile. */
  readonly pending = new Persisted('ask-pending', '', isText);
  readonly sampling = new Persisted<Sampling>('ask-sampling', defaultSampling(), isSampling);
  /** null = what the model works best with. */
  readonly passages = new Persisted<number | null>('ask-passages', null, isCount);
  /** Whole texts instead of passages, when all of them fit. */
  readonly whole = new Persisted('ask-whole', false, isFlag);
  /** The three scores beside each passage. */
  readonly scores = new Persisted('ask-scores', false, isFlag);
  readonly two = new Persisted('ask-two', false, isFlag);
  /** Two answers are the base's and the adapter's, instead of two draws; where an adapter is chosen. */
  readonly beside = new Persisted('ask-beside', true, isFlag);
  /** Documents that are not asked; new ones are. */
  readonly #left = new Persisted<string[]>('ask-left-out', [], isIds);

  constructor() {
    if (this.pending.value && !this.question.value) this.question.value = this.pending.value;
    this.pending.value = '';
  }

  isAsked(documentId: string): boolean {
    return !this.#left.value.includes(documentId);
  }

  setAsked(documentIds: readonly string[], asked: boolean): void {
    const others = this.#left.value.filter((id) => !documentIds.includes(id));
    this.#left.value = asked ? others : [...others, ...documentIds];
  }

  set<Key extends keyof Sampling>(key: Key, value: Sampling[Key]): void {
    this.sampling.value = { ...this.sampling.value, [key]: value };
  }
}

export const askSettings = new AskSettings();
