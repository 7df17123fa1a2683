// The app's one retrieval worker; it starts with the first call.
import { connectRetrieval } from '../../workers/connect.ts';

/** A worker that computes answers between two batches; one that is silent for longer is stuck. */
const UNHEARD_MS = 5000;

export const { api: retrieval, terminate: endRetrieval } = connectRetrieval();

/** Ends the thread when it gives no answer in time; the next call starts a new one. */
export async function heardOrEnded(answer: Promise<unknown>, end: () => void, ms = UNHEARD_MS): Promise<void> {
  const stuck = setTimeout(end, ms);
  await answer.catch(() => undefined); // the call that was to be ended says itself what went wrong
  clearTimeout(stuck);
}

/** Ends an indexing after the batch under way, however stuck the worker is. */
export const cancelIndexing = (jobId: string): Promise<void> => heardOrEnded(retrieval.cancel(jobId), endRetrieval);
