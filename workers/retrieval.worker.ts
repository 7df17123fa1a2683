// The retrieval worker: passages and evidence, off the main thread.
import * as Comlink from 'comlink';
import { evidence, retrieve } from '../src/retrieval/retrieve.ts';
import type { RetrievalApi } from './api.ts';

const api = {
  async passages(texts, question, { count, sentences }) {
    return retrieve(texts, question, count, sentences);
  },
  async evidence(texts, question, answer) {
    return evidence(texts, question, answer);
  },
} satisfies RetrievalApi;

Comlink.expose(api);
