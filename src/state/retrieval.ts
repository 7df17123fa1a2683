// The app's one retrieval worker; it starts with the first call.
import { connectRetrieval } from '../../workers/connect.ts';

/** A worker that computes answers between two batches; one that is silent for longer is stuck. */
const UNHEARD_MS = 5000;

export const { api: retrieval, terminate: endRetrieval } = connectRetrieval();

/** Ends an indexing after the batch under way; a worker that does not hear it is ended, and the next call starts one. */
export async function cancelIndexing(jobId: string): Promise<void> {
  const stuck = setTimeout(endRetrieval, UNHEARD_MS);
  await retrieval.cancel(jobId).catch(() => undefined); // the indexing itself says what went wrong
  clearTimeout(stuck);
}
