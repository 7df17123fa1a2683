// The search box of the Documents page: it answers while one types.
import type { SearchResult } from '../../workers/api.ts';
import { corpus } from './corpus.svelte.ts';
import { documents } from './documents.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';
import { isFlag, isText, Persisted } from './persisted.svelte.ts';
import { router } from './router.svelte.ts';

export type { Hit } from '../../workers/api.ts';

interface Question {
  query: string;
  /** Searched alone; null: all are. */
  documentId: string | null;
}

class Search {
  /** Survives a reload. */
  readonly query = new Persisted('search:documents', '', isText);
  /** The project that was asked. */
  readonly #project = new Persisted('search:project', '', isText);
  /** Only in the document that is open, where one is. */
  readonly narrow = new Persisted('search:narrow', false, isFlag);
  #result = $state.raw<SearchResult | null>(null);
  #busy = $state(false);
  #problem = $state('');
  #typing = latest<Question, SearchResult>(
    {
      run: ({ query, documentId }) => corpus.search(query, documentId === null ? {} : { documentIds: [documentId] }),
      done: (result) => this.#end(result, ''),
      failed: (error) => this.#end(null, sentence(error)),
    },
    150,
  );

  /** Of the last question that was answered; null without a question. */
  get result(): SearchResult | null {
    return this.query.value.trim() === '' ? null : this.#result;
  }
  get busy(): boolean {
    return this.#busy;
  }
  get problem(): string {
    return this.#problem;
  }

  /** The document that is searched alone; null when all are. */
  get within(): string | null {
    return this.narrow.value ? (documents.find(router.id)?.id ?? null) : null;
  }

  /** Asks for what the box holds. */
  ask(): void {
    const query = this.query.value.trim();
    this.#busy = query !== '';
    this.#typing.ask(query === '' ? null : { query, documentId: this.within });
  }

  /** What was asked of another project is no question to this one. */
  turnTo(projectId: string): void {
    const former = this.#project.value;
    if (former === projectId) return;
    this.#project.value = projectId;
    if (former === '') return;
    this.query.value = '';
    this.ask();
    this.#end(null, '');
  }

  #end(result: SearchResult | null, problem: string): void {
    this.#result = result;
    this.#problem = problem;
    this.#busy = false;
  }
}

export const search = new Search();
