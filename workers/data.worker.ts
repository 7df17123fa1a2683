// The data worker: reads files into documents, and corpus files in and out, off the main thread.
import * as Comlink from 'comlink';
import type { ReadProgress } from '../src/records/reading.ts';
import { read, type Outcome } from '../src/retrieval/read/index.ts';
import type { DataApi, Imported } from './api.ts';
import { keepDocument, sweepOrphans } from './dataStore.ts';

/** A progress line needs no more, and every message costs the page some time. */
const BETWEEN_EVENTS_MS = 100;

const jobs = new Map<string, AbortController>();

async function job<T>(id: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  jobs.set(id, controller);
  try {
    return await run(controller.signal);
  } finally {
    jobs.delete(id);
  }
}

function gently(onProgress: (progress: ReadProgress) => void): (progress: ReadProgress) => void {
  let last = -Infinity;
  return (progress) => {
    if (performance.now() - last < BETWEEN_EVENTS_MS && progress.done < progress.total) return;
    last = performance.now();
    onProgress(progress);
  };
}

/** A reader that fails has met a file that it does not understand: the file's problem, not the studio's. */
async function readFile(
  file: File,
  siteUrl: string,
  signal: AbortSignal,
  onProgress: (progress: ReadProgress) => void,
): Promise<Outcome> {
  try {
    const outcome = await read(file, { siteUrl, signal, onProgress: gently(onProgress) });
    return signal.aborted ? { problem: 'cancelled', detail: '' } : outcome;
  } catch (error) {
    if (signal.aborted) return { problem: 'cancelled', detail: '' };
    return { problem: 'broken', detail: error instanceof Error ? error.message : String(error) };
  }
}

const api = {
  importFile: (jobId, file, target, siteUrl, onProgress) =>
    job(jobId, async (signal): Promise<Imported> => {
      const outcome = await readFile(file, siteUrl, signal, onProgress);
      if ('problem' in outcome) return outcome;
      const { projectId, createdAt, name = file.name } = target;
      return keepDocument({ projectId, createdAt, name, file, read: outcome }, signal);
    }),
  async cancel(jobId) {
    jobs.get(jobId)?.abort();
  },
} satisfies Partial<DataApi>;

Comlink.expose(api);
void sweepOrphans().catch(() => undefined); // no private file system here, or no database: nothing can be left over
