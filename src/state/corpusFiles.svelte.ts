// The corpus of the open project as files: out for Python's tools, and in from them.
import type { CorpusImport } from '../../workers/api.ts';
import { connectData } from '../../workers/connect.ts';
import type { ReadProgress } from '../records/reading.ts';
import { corpus } from './corpus.svelte.ts';
import { documents } from './documents.svelte.ts';
import { projects } from './projects.svelte.ts';
import { work } from './work.ts';

interface Now {
  verb: 'leave' | 'enter';
  progress: ReadProgress | null;
}

class CorpusFiles {
  #now = $state.raw<Now | null>(null);

  /** What is under way; null when nothing is. */
  get now(): Now | null {
    return this.#now;
  }

  /** `data/documents/`, `data/metadata.json` and `data/index.faiss` in one zip. */
  leave(): Promise<Blob> {
    const projectId = projects.current?.id ?? '';
    return this.#run('leave', (api, onProgress) =>
      api.exportCorpus(projectId, corpus.embedder, corpus.settings, onProgress),
    );
  }

  /** The same, zipped or as the files of a folder. */
  async enter(files: readonly File[]): Promise<CorpusImport> {
    const target = { projectId: projects.current?.id ?? '', createdAt: new Date().toISOString() };
    const { embedder, settings } = corpus;
    const parts = files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    const came = await this.#run('enter', (api, onProgress) =>
      api.importCorpus(crypto.randomUUID(), parts, target, embedder, settings, document.baseURI, onProgress),
    );
    if (came.chunking) await projects.setCorpus(target.projectId, { ...settings, chunks: came.chunking });
    if (projects.current?.id === target.projectId) await documents.load(target.projectId);
    return came;
  }

  /** A thread of its own, gone afterwards: it does not wait for files that are being read. */
  async #run<T>(
    verb: Now['verb'],
    body: (api: ReturnType<typeof connectData>['api'], onProgress: (progress: ReadProgress) => void) => Promise<T>,
  ): Promise<T> {
    const data = connectData();
    this.#now = { verb, progress: null };
    try {
      return await work.during(() => body(data.api, (progress) => (this.#now = { verb, progress })));
    } finally {
      data.terminate();
      this.#now = null;
    }
  }
}

export const corpusFiles = new CorpusFiles();
