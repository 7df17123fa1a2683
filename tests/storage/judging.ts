// A comparison to judge and a scripted person, for tests of feedback.
import fc from 'fast-check';
import { UNKNOWN_ORIGIN, type Comparison } from '../../src/records/comparison.ts';
import { OPEN, type Decision, type Feedback, type FeedbackAction } from '../../src/records/feedback.ts';
import { act, redo, undo, type Acted } from '../../src/storage/feedback.ts';
import type { Database } from '../../src/storage/database.ts';

export const comparison = (id: string, projectId = 'p'): Comparison => ({
  id,
  projectId,
  question: 'Q?',
  passages: [],
  prompt: 'Q?',
  responses: ['one', 'two'].map((text) => ({ text, origin: UNKNOWN_ORIGIN, score: null })),
  source: { kind: 'written' },
  seed: 1,
  position: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  version: 1,
});

export interface Verb {
  on: string;
  kind: FeedbackAction['kind'];
  change: Partial<Decision>;
}

const none = { verdict: null, ranks: null, strength: null };
const judged = (verdict: Decision['verdict'], ranks: number[]): Partial<Decision> => ({
  status: 'judged',
  verdict,
  ranks,
});

const doing: fc.Arbitrary<Omit<Verb, 'on'>> = fc.oneof(
  fc.constant({ kind: 'judge' as const, change: judged('better', [1, 2]) }),
  fc.constant({ kind: 'judge' as const, change: judged('better', [2, 1]) }),
  fc.constant({ kind: 'judge' as const, change: judged('tie', [1, 1]) }),
  fc.constant({ kind: 'judge' as const, change: judged('bad', [1, 1]) }),
  fc.constant({ kind: 'skip' as const, change: { status: 'skipped' as const, ...none } }),
  fc.constant({ kind: 'clear' as const, change: { status: 'open' as const, ...none } }),
  fc.boolean().map((flagged) => ({ kind: 'flag' as const, change: { flagged } })),
  fc.string({ maxLength: 3 }).map((comment) => ({ kind: 'comment' as const, change: { comment } })),
  fc.subarray(['a', 'b']).map((tags) => ({ kind: 'tags' as const, change: { tags } })),
  fc.constantFrom(1, 2, 3, null).map((strength) => ({ kind: 'strength' as const, change: { strength } })),
  fc
    .option(fc.string({ maxLength: 2 }))
    .map((text) => ({ kind: 'edit' as const, change: { edit: text === null ? null : { response: 0, text } } })),
);

/** Whatever a person may do on three comparisons. */
export const verbs = (maxLength: number): fc.Arbitrary<Verb[]> =>
  fc.array(
    fc.tuple(fc.constantFrom('x', 'y', 'z'), doing).map(([on, done]) => ({ on, ...done })),
    { maxLength },
  );

/** A clock of its own: every step is a second later. */
export function person(annotator: string, projectId = 'p') {
  let seconds = 0;
  const at = (): string => new Date(Date.UTC(2026, 0, 1) + 1000 * seconds++).toISOString();
  return {
    do: (db: Database, { on, kind, change }: Verb): Promise<Acted> =>
      act(db, {
        ...{ projectId, annotator, comparisonId: on, round: 0, shown: [1, 0] },
        ...{ kind, change, at: at(), leadTime: 1 },
      }),
    undo: (db: Database): Promise<Acted> => undo(db, { projectId, annotator, at: at() }),
    redo: (db: Database): Promise<Acted> => redo(db, { projectId, annotator, at: at() }),
  };
}

const decision = (row: Feedback): Decision =>
  Object.fromEntries(Object.keys(OPEN).map((key) => [key, row[key as keyof Decision]])) as unknown as Decision;

/** What stands decided, by comparison and annotator; rows that say nothing are as good as none. */
export async function decisions(db: Database): Promise<Record<string, Decision>> {
  const rows = await db.getAll('feedback');
  const said = rows.filter((row) => JSON.stringify(decision(row)) !== JSON.stringify(OPEN));
  return Object.fromEntries(said.map((row) => [row.id, decision(row)]));
}
