// What an indexing still has to do, in numbers that a person understands. Pure.
import type { CorpusStatus } from '../records/corpus.ts';
import type { IndexEvent } from '../../workers/api.ts';

export type DocumentState = 'done' | 'part' | 'waiting' | 'stale';

export interface Need {
  /** first: nothing is indexed; more: some documents are not; again: settings, texts or embedder changed. */
  kind: 'none' | 'first' | 'more' | 'again';
  documents: number;
}

type Counted = CorpusStatus['documents'][number];

const isDone = ({ cut, chunks, embedded }: Counted): boolean => cut && embedded >= chunks;

export function needOf({ documents, stale }: CorpusStatus): Need {
  const left = documents.filter((one) => !isDone(one)).length;
  if (left === 0) return { kind: 'none', documents: 0 };
  if (stale) return { kind: 'again', documents: left };
  return { kind: documents.some(({ embedded }) => embedded > 0) ? 'more' : 'first', documents: left };
}

export function documentState(one: Counted, stale: boolean): DocumentState {
  if (isDone(one)) return 'done';
  if (one.embedded > 0) return 'part';
  return stale ? 'stale' : 'waiting';
}

export interface Progress extends IndexEvent {
  /** When this step began, and how far it was then: an indexing goes on where another ended. */
  since: number;
  from: number;
  secondsLeft: number | null;
}

/** The progress after an event. The pace is known after a second of a step. */
export function advance(before: Progress | null, event: IndexEvent, now: number): Progress {
  const same = before?.step === event.step;
  const since = same ? before.since : now;
  const from = same ? before.from : event.done;
  const seconds = (now - since) / 1000;
  const gained = event.done - from;
  const known = seconds >= 1 && gained > 0;
  return { ...event, since, from, secondsLeft: known ? ((event.total - event.done) * seconds) / gained : null };
}
