// A data worker whose corpus imports hear a cancel, do not hear it, or come to their end: as the file's name says.
import * as Comlink from 'comlink';
import type { CorpusImport, DataApi } from '../../workers/api.ts';

const cancelled = new Map<string, () => void>();
const nothing = (): CorpusImport => ({ documents: [], problems: [], rows: 0, reason: null, chunking: null });
/** Hears nothing any more. */
const block = (): void => {
  for (;;);
};

const api = {
  async importCorpus(jobId, [part], _target, _embedder, _settings, _siteUrl, onProgress) {
    const end = new Promise<CorpusImport>((resolve) => cancelled.set(jobId, () => resolve(nothing())));
    onProgress({ done: 1, total: 8, unit: 'bytes' });
    if (part?.path === 'deaf.zip') setTimeout(block, 200);
    if (part?.path === 'hang.zip' || part?.path === 'deaf.zip') return end;
    for (let done = 0; done < 8; done++) {
      onProgress({ done, total: 8, unit: 'bytes' });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { ...nothing(), reason: part?.path ?? '' };
  },
  exportCorpus: () => new Promise<Blob>(() => undefined),
  async cancel(jobId) {
    cancelled.get(jobId)?.();
  },
} satisfies Partial<DataApi>;

Comlink.expose(api);
