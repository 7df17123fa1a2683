// A worker that reads files, as the studio's data worker does: for the test in the browser.
import { expose } from 'comlink';
import { read, type Outcome } from '../../../src/retrieval/read/index.ts';
import type { ReadProgress } from '../../../src/records/reading.ts';

let abort = new AbortController();

const api = {
  read(file: File, siteUrl: string, onProgress: (progress: ReadProgress) => void): Promise<Outcome> {
    abort = new AbortController();
    return read(file, { siteUrl, signal: abort.signal, onProgress });
  },
  cancel(): void {
    abort.abort();
  },
};
export type Api = typeof api;

expose(api);
