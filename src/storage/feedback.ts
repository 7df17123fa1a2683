// Feedback in storage: each verb is one strict transaction over the row and the log of what can be undone. A verb reads the
// database, never a tab's memory, so that two tabs lose nothing and double nothing.
import {
  FEEDBACK_VERSION,
  feedbackId,
  OPEN,
  validateDecision,
  type Decision,
  type Feedback,
  type FeedbackAction,
} from '../records/feedback.ts';
import { RecordError } from '../records/validate.ts';
import { write, type Database } from './database.ts';
import { goesOn } from './typed.ts';

/** Rows that are read in one task. */
const SLICE = 1000;

/** In `settings`: how many actions of the log stand; those behind it can be redone. */
export const undoKey = (projectId: string, annotator: string): string => `undo:${projectId}:${annotator}`;
/** In `settings`: the name that a person gave; small storage may lose it with a tab that is killed. */
export const ANNOTATOR_KEY = 'annotator';
/** In `settings`: a `FeedbackMark`. */
export const feedbackKey = (projectId: string): string => `feedback:${projectId}`;
/** In `settings`: `QueueSettings`, and the reasons to choose from. */
export const queueKey = (projectId: string): string => `queue:${projectId}`;
export const tagsKey = (projectId: string): string => `tags:${projectId}`;

/** Left by every change of a project's feedback: another number than last time = somebody has changed it. */
export interface FeedbackMark {
  revision: number;
  at: string;
}

export const NO_MARK: FeedbackMark = { revision: 0, at: '' };

export interface Act {
  projectId: string;
  annotator: string;
  comparisonId: string;
  round: number;
  /** Kept with the first action on it. */
  shown: readonly number[];
  kind: FeedbackAction['kind'];
  /** From what is stored, or whatever that is. */
  change: Partial<Decision> | ((now: Decision) => Partial<Decision>);
  at: string;
  /** Seconds of looking since the last action on it; counted until it is first decided. */
  leadTime: number;
}

/** What a verb leaves. */
export interface Acted {
  /** Null when there was nothing to undo or redo. */
  feedback: Feedback | null;
  canUndo: boolean;
  canRedo: boolean;
  mark: FeedbackMark;
}

/** Kept apart from what is only said about it: these make a decision, and are kept in `history`. */
const DECIDED = ['status', 'verdict', 'ranks', 'strength'] as const;
const FIELDS = Object.keys(OPEN) as (keyof Decision)[];

const STORES = ['comparisons', 'feedback', 'actions', 'settings'] as const;
type Transaction = Parameters<Parameters<typeof write<[...typeof STORES]>>[2]>[0];

/** `name` is what the message table tests. */
class ComparisonGone extends Error {
  override name = 'ComparisonGone';
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Rows of earlier versions have not every field. */
const whole = (row: Feedback): Feedback => ({ ...OPEN, ...row });

const decisionOf = (row: Decision): Decision => pick(row, FIELDS) as Decision;

/** The fields of `fields` as `row` has them. */
function pick(row: Decision, fields: readonly (keyof Decision)[]): Partial<Decision> {
  return Object.fromEntries(fields.map((field) => [field, row[field]]));
}

/** `row` with another decision; what was decided before goes to its history. */
function decided(row: Feedback, next: Decision, at: string, again: boolean): Feedback {
  const former = { ...decisionOf(row), decidedAt: row.decidedAt };
  const judgement = (one: Decision): string => JSON.stringify(pick(one, DECIDED));
  const known = again && row.history.some((past) => judgement(past) === judgement(row));
  const moved = row.status !== 'open' && judgement(row) !== judgement(next) && !known;
  return {
    ...row,
    ...next,
    // a word added to a decision is a later version of it: files that hold both keep the later
    decidedAt: next.status === 'open' ? row.createdAt : at,
    history: moved ? [...row.history, former] : row.history,
  };
}

async function pointer(tx: Transaction, projectId: string, annotator: string): Promise<number> {
  const stands = await tx.objectStore('settings').get(undoKey(projectId, annotator));
  return typeof stands === 'number' ? stands : 0;
}

async function leave(tx: Transaction, projectId: string, at: string): Promise<FeedbackMark> {
  const settings = tx.objectStore('settings');
  const { revision } = readMark(await settings.get(feedbackKey(projectId)));
  const mark = { revision: revision + 1, at };
  await settings.put(mark, feedbackKey(projectId));
  return mark;
}

const readMark = (value: unknown): FeedbackMark => (value as FeedbackMark | undefined) ?? NO_MARK;

/** An action that changes nothing is none. */
export async function act(db: Database, wanted: Act): Promise<Acted> {
  const { projectId, annotator, comparisonId, round, kind, at } = wanted;
  const id = feedbackId(comparisonId, round, annotator);
  let acted: Acted | null = null;
  await write(db, [...STORES], async (tx) => {
    const [rows, actions, settings] = [
      tx.objectStore('feedback'),
      tx.objectStore('actions'),
      tx.objectStore('settings'),
    ];
    const comparison = await tx.objectStore('comparisons').get(comparisonId);
    if (!comparison)
      throw new ComparisonGone('feedback: it needs its comparison, got one that is gone. Go on with another.');
    const row = whole(
      (await rows.get(id)) ?? {
        ...OPEN,
        id,
        projectId,
        comparisonId,
        round,
        annotator,
        shown: [...wanted.shown],
        leadTime: 0,
        createdAt: at,
        decidedAt: at,
        history: [],
        version: FEEDBACK_VERSION,
      },
    );
    const change = typeof wanted.change === 'function' ? wanted.change(decisionOf(row)) : wanted.change;
    const next = validateDecision({ ...decisionOf(row), ...change }, comparison.responses.length);
    const changed = FIELDS.filter((field) => !same(row[field], next[field]));
    // what makes a decision goes together: taken back in another order, half of one would not fit the rest
    const moved = DECIDED.some((field) => changed.includes(field));
    const fields = moved ? [...new Set([...changed, ...DECIDED])] : changed;
    let stands = await pointer(tx, projectId, annotator);
    if (fields.length === 0) {
      const canRedo = (await actions.getKey([projectId, annotator, stands])) !== undefined;
      const mark = readMark(await settings.get(feedbackKey(projectId)));
      acted = { feedback: row, canUndo: stands > 0, canRedo, mark };
      return;
    }
    const undecided = row.status === 'open' && row.history.length === 0;
    const feedback = {
      ...decided(row, next, at, false),
      leadTime: row.leadTime + (undecided ? wanted.leadTime : 0),
    };
    await rows.put(feedback);

    await actions.delete(IDBKeyRange.bound([projectId, annotator, stands], [projectId, annotator, Infinity]));
    const last = await actions.get([projectId, annotator, stands - 1]);
    const typing = last?.feedbackId === id && last.kind === kind && goesOn(last, next) ? last : null;
    const index = typing ? stands - 1 : stands;
    const [before, after] = [typing?.before ?? pick(row, fields), pick(feedback, fields)];
    await actions.put({ projectId, annotator, index, feedbackId: id, comparisonId, round, kind, before, after, at });
    stands = index + 1;
    await settings.put(stands, undoKey(projectId, annotator));
    acted = { feedback, canUndo: stands > 0, canRedo: false, mark: await leave(tx, projectId, at) };
  });
  if (!acted) throw new RecordError('feedback: a write must leave its row, got none. Try again.');
  return acted;
}

interface Step {
  projectId: string;
  annotator: string;
  at: string;
}

/** The last action taken back; passed over are those on comparisons that are gone, and those that no longer fit. */
export const undo = (db: Database, step: Step): Promise<Acted> => move(db, step, -1);
export const redo = (db: Database, step: Step): Promise<Acted> => move(db, step, 1);

async function move(db: Database, { projectId, annotator, at }: Step, by: 1 | -1): Promise<Acted> {
  let acted: Acted = { feedback: null, canUndo: false, canRedo: false, mark: NO_MARK };
  await write(db, [...STORES], async (tx) => {
    const [rows, actions] = [tx.objectStore('feedback'), tx.objectStore('actions')];
    let stands = await pointer(tx, projectId, annotator);
    const from = stands;
    let feedback: Feedback | null = null;
    while (!feedback) {
      const action = await actions.get([projectId, annotator, by < 0 ? stands - 1 : stands]);
      if (!action) break;
      stands += by;
      const found = await rows.get(action.feedbackId);
      if (!found) continue;
      const row = whole(found);
      const next = fitting({ ...decisionOf(row), ...(by < 0 ? action.before : action.after) }, row.shown.length);
      if (!next) continue;
      feedback = decided(row, next, at, true);
      await rows.put(feedback);
    }
    if (stands !== from) await tx.objectStore('settings').put(stands, undoKey(projectId, annotator));
    const mark = feedback
      ? await leave(tx, projectId, at)
      : readMark(await tx.objectStore('settings').get(feedbackKey(projectId)));
    const canRedo = (await actions.getKey([projectId, annotator, stands])) !== undefined;
    acted = { feedback, canUndo: stands > 0, canRedo, mark };
  });
  return acted;
}

/** What one person sees of a project's feedback when it is opened. */
export interface FeedbackOfOne {
  own: Feedback[];
  /** Comparisons that somebody else has judged and this person has not touched. */
  others: Set<string>;
  canUndo: boolean;
  canRedo: boolean;
  mark: FeedbackMark;
}

export const readFeedbackMark = async (db: Database, projectId: string): Promise<FeedbackMark> =>
  readMark(await db.get('settings', feedbackKey(projectId)));

/** Everybody's, in slices; rows that cannot be read are left out. */
export async function* feedbackOfProject(db: Database, projectId: string): AsyncGenerator<Feedback[]> {
  const keys = await db.getAllKeysFromIndex('feedback', 'byProject', projectId);
  for (let from = 0; from < keys.length; from += SLICE) {
    const [first, last] = [keys[from], keys[Math.min(from + SLICE, keys.length) - 1]];
    if (first === undefined || last === undefined) break;
    const rows = await db.getAll('feedback', IDBKeyRange.bound(first, last));
    yield rows.filter((row) => row.projectId === projectId && readable(row)).map(whole);
  }
}

/** One broken row must not hide the others. */
const readable = (row: Feedback): boolean => Array.isArray(row.shown) && fitting(row, row.shown.length) !== null;

/** Null when its parts do not belong together. */
function fitting(decision: Decision, responses: number): Decision | null {
  try {
    return validateDecision(decision, responses);
  } catch {
    return null;
  }
}

/** Null when nothing has changed since the revision that is `known`. */
export async function readFeedback(
  db: Database,
  projectId: string,
  annotator: string,
  known = -1,
): Promise<FeedbackOfOne | null> {
  const mark = await readFeedbackMark(db, projectId); // first: a change while we read is noticed the next time
  if (mark.revision === known) return null;
  const own: Feedback[] = [];
  const others = new Set<string>();
  for await (const rows of feedbackOfProject(db, projectId))
    for (const row of rows)
      if (row.annotator === annotator) own.push(row);
      else if (row.status === 'judged') others.add(row.comparisonId);
  for (const { comparisonId } of own) others.delete(comparisonId);
  const stands = (await db.get('settings', undoKey(projectId, annotator))) ?? 0;
  const canRedo = (await db.getKey('actions', [projectId, annotator, Number(stands)])) !== undefined;
  return { own, others, canUndo: Number(stands) > 0, canRedo, mark };
}
