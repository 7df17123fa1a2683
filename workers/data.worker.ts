// The data worker: reads files into documents, and corpus files and adapters in and out, off the main thread.
import * as Comlink from 'comlink';
import { read } from '../src/retrieval/read/index.ts';
import { exportAdapter, removeAdapter } from './adapters.ts';
import type { DataApi, Imported } from './api.ts';
import { exportCorpus } from './corpusExport.ts';
import { importCorpus } from './corpusImport.ts';
import { keepDocument, sweepOrphans } from './dataStore.ts';
import { gently } from './gently.ts';
import { addFeedbackFiles, findInvalid, findJudgements, merge, mergeReport } from './merging.ts';
import { exportPreferences } from './preferenceExport.ts';
import { findPreferences } from './preferenceRows.ts';
import { importPrompts } from './prompts.ts';
import { exportRows, importRows, previewRows } from './rowFiles.ts';
import { exportFeedback, importTasks, previewTasks } from './tasks.ts';

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

const api = {
  importFile: (jobId, file, target, siteUrl, onProgress) =>
    job(jobId, async (signal): Promise<Imported> => {
      const outcome = await read(file, { siteUrl, signal, onProgress: gently(onProgress) });
      if ('problem' in outcome) return outcome;
      const { projectId, createdAt, name = file.name } = target;
      const kept = await keepDocument({ projectId, createdAt, name, file, read: outcome, indexed: null }, signal);
      return 'problem' in kept ? kept : { document: kept.document };
    }),
  async cancel(jobId) {
    jobs.get(jobId)?.abort();
  },
  exportCorpus: (projectId, embedder, settings, onProgress) =>
    exportCorpus(projectId, embedder, settings, gently(onProgress)),
  importCorpus: (jobId, files, target, embedder, settings, siteUrl, onProgress) =>
    job(jobId, (signal) => importCorpus({ files, target, embedder, settings, siteUrl }, signal, gently(onProgress))),
  previewRows,
  importRows,
  exportRows,
  exportAdapter,
  // The engine's code comes when it is needed: most documents need none of it.
  importAdapter: async (files, target, siteUrl) =>
    (await import('./adapterImport.ts')).importAdapter(files, target, siteUrl),
  removeAdapter,
  previewTasks,
  importTasks,
  importPrompts,
  exportFeedback,
  addFeedbackFiles,
  mergeReport,
  merge,
  findJudgements,
  findInvalid,
  findPreferences,
  exportPreferences,
} satisfies DataApi;

Comlink.expose(api);
void sweepOrphans().catch(() => undefined); // no private file system here, or no database: nothing can be left over
