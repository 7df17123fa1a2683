// The search box of the Documents page: it answers while one types.
import type { SearchResult } from '../../workers/api.ts';
import { corpus } from './corpus.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';
import { isText, Persisted } from './persisted.svelte.ts';

export type { Hit } from '../../workers/api.ts';

class Search {
  /** Survives a reload. */
  readonly query = new Persisted('search:documents', '', isText);
  #result = $state.raw<SearchResult | null>(null);
  #busy = $state(false);
  #problem = $state('');
  #typing = latest<string, SearchResult>(
    {
      run: (query) => corpus.search(query),
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

  /** Asks for what the box holds. */
  ask(): void {
    const query = this.query.value.trim();
    this.#busy = query !== '';
    this.#typing.ask(query || null);
  }

  #end(result: SearchResult | null, problem: string): void {
    this.#result = result;
    this.#problem = problem;
    this.#busy = false;
  }
}

export const search = new Search();
