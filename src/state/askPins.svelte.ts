// Passages that the person has pinned: they go into every prompt of their project until they are let go.
import type { Passage } from '../records/generation.ts';
import { isSamePlace } from './askPassages.ts';
import { documents } from './documents.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';

interface Pin {
  projectId: string;
  passage: Passage;
}

const isPin = (value: unknown): value is Pin => {
  const { projectId, passage } = (value ?? {}) as Partial<Pin>;
  return (
    typeof projectId === 'string' &&
    typeof passage?.documentId === 'string' &&
    typeof passage.documentName === 'string' &&
    typeof passage.text === 'string' &&
    Number.isInteger(passage.start) &&
    Number.isInteger(passage.end)
  );
};
const isPins = (value: unknown): value is Pin[] => Array.isArray(value) && value.every(isPin);

class AskPins {
  readonly #all = new Persisted<Pin[]>('ask-pins', [], isPins);
  /** Of the open project, as long as their documents are there. */
  #list = $derived(
    this.#all.value
      .filter(({ projectId, passage }) => projectId === projects.current?.id && documents.find(passage.documentId))
      .map(({ passage }) => passage),
  );

  get list(): readonly Passage[] {
    return this.#list;
  }

  has(passage: Passage): boolean {
    return this.#list.some((pin) => isSamePlace(pin, passage));
  }

  add(passage: Passage): void {
    const projectId = projects.current?.id;
    if (!projectId || this.has(passage)) return;
    const { scores: _, ...pinned } = passage; // of one question; the next is another
    this.#all.value = [...this.#all.value, { projectId, passage: pinned }];
  }

  remove(passage: Passage): void {
    this.#all.value = this.#all.value.filter((pin) => !isSamePlace(pin.passage, passage));
  }
}

export const askPins = new AskPins();
