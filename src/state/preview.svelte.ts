// The chunks of the document on screen under the settings on screen: cut in the worker, the latest wins.
import { outlineOf, type ChunkSettings, type Outline } from '../records/corpus.ts';
import { corpus } from './corpus.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';

interface Question {
  documentId: string;
  settings: ChunkSettings;
  embedderId: string;
}
interface Cut {
  documentId: string;
  outline: Outline;
}

const NONE = outlineOf([]);

class Preview {
  #cut = $state.raw<Cut>({ documentId: '', outline: NONE });
  #busy = $state(false);
  #problem = $state('');
  #cutting = latest<Question, Outline>(
    {
      run: ({ documentId, settings, embedderId }) => corpus.preview(documentId, settings, embedderId),
      done: (outline, { documentId }) => this.#end({ documentId, outline }, ''),
      failed: (error, { documentId }) => this.#end({ documentId, outline: NONE }, sentence(error)),
    },
    60,
  );

  get busy(): boolean {
    return this.#busy;
  }
  get problem(): string {
    return this.#problem;
  }

  /** Those of the settings before, until the new ones are there. */
  of(documentId: string): Outline {
    return this.#cut.documentId === documentId ? this.#cut.outline : NONE;
  }

  ask(documentId: string, settings: ChunkSettings, embedderId: string): void {
    this.#busy = true;
    this.#cutting.ask({ documentId, settings, embedderId });
  }

  #end(cut: Cut, problem: string): void {
    this.#cut = cut;
    this.#problem = problem;
    this.#busy = false;
  }
}

export const preview = new Preview();
