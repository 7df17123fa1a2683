// The retrieval worker: owns the embedder and the vector index; cuts, embeds and searches off the main thread.
import * as Comlink from 'comlink';
import { outlineOf } from '../src/records/corpus.ts';
import { Corpus } from '../src/retrieval/corpus.ts';
import type { RetrievalApi } from './api.ts';
import { corpusStore } from './corpusStore.ts';
import { gently } from './gently.ts';

// What runs embedders is large and comes when it is first needed.
const corpus = new Corpus(corpusStore, () => import('../src/retrieval/embed.ts'));

const api = {
  status: (projectId, settings) => corpus.status(projectId, settings),
  async preview(documentId, chunks, embedderId, siteUrl) {
    const outline = outlineOf(await corpus.preview(documentId, chunks, embedderId, siteUrl));
    return Comlink.transfer(outline, [outline.starts.buffer, outline.ends.buffer, outline.tokens.buffer]);
  },
  index: (jobId, projectId, settings, siteUrl, onEvent) =>
    corpus.index(jobId, projectId, settings, siteUrl, gently(onEvent)),
  async cancel(jobId) {
    corpus.cancel(jobId);
  },
  search: (projectId, settings, siteUrl, query, options) => corpus.search(projectId, settings, siteUrl, query, options),
  evidence: (projectId, documentIds, question, answer) => corpus.evidence(projectId, documentIds, question, answer),
  addEmbedder: (files) => corpus.addEmbedder(files),
  removeEmbedder: (id) => corpus.removeEmbedder(id),
} satisfies RetrievalApi;

Comlink.expose(api);
