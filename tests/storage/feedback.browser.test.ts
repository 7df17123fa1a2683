// Feedback: whatever a person did can be undone and redone, through any interruption, in any number of tabs, and nothing
// that was ever decided is lost.
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { OPEN, type Decision } from '../../src/records/feedback.ts';
import {
  addComparisons,
  readComparisons,
  removeComparisons,
  restoreComparisons,
} from '../../src/storage/comparisons.ts';
import { deleteDatabase, openDatabase, type Database } from '../../src/storage/database.ts';
import { act, feedbackOfProject, readFeedback } from '../../src/storage/feedback.ts';
import { comparison, decisions, person, verbs, type Verb } from './judging.ts';

const open: Database[] = [];
const names: string[] = [];
async function tab(name = names.at(-1) ?? ''): Promise<Database> {
  const db = await openDatabase({}, name);
  open.push(db);
  return db;
}
/** A database of its own, with three comparisons in it. */
async function fresh(): Promise<Database> {
  names.push(`test-${crypto.randomUUID()}`);
  const db = await tab();
  await addComparisons(
    db,
    'p',
    ['x', 'y', 'z'].map((id) => comparison(id)),
  );
  return db;
}
async function tidy(): Promise<void> {
  for (const db of open.splice(0)) db.close();
  for (const name of names.splice(0)) await deleteDatabase(name);
}
afterEach(tidy);

const better: Verb = { on: 'x', kind: 'judge', change: { status: 'judged', verdict: 'better', ranks: [1, 2] } };
const worse: Verb = { on: 'x', kind: 'judge', change: { status: 'judged', verdict: 'better', ranks: [2, 1] } };
const tie: Verb = { on: 'y', kind: 'judge', change: { status: 'judged', verdict: 'tie', ranks: [1, 1] } };
const says = (on: string, comment: string): Verb => ({ on, kind: 'comment', change: { comment } });

const RUNS = { numRuns: 12 } as const;

test('undoing all gives the start, redoing all gives the end, and every step between is passed both ways', async () => {
  await fc.assert(
    fc.asyncProperty(verbs(14), async (list) => {
      const db = await fresh();
      const ada = person('Ada');
      const states = [await decisions(db)];
      let steps = 0;
      for (const verb of list) {
        await ada.do(db, verb);
        const now = (await db.get('settings', 'undo:p:Ada')) as number | undefined;
        states[(steps = now ?? 0)] = await decisions(db);
      }
      for (let at = steps; at > 0; at--) {
        expect(await decisions(db)).toEqual(states[at]);
        const { feedback, canRedo } = await ada.undo(db);
        expect([feedback === null, canRedo]).toEqual([false, true]);
      }
      expect(await decisions(db)).toEqual({});
      expect(await ada.undo(db)).toMatchObject({ feedback: null, canUndo: false });
      for (let at = 0; at < steps; at++) {
        expect(await decisions(db)).toEqual(states[at]);
        await ada.redo(db);
      }
      expect(await decisions(db)).toEqual(states[steps]);
      expect(await ada.redo(db)).toMatchObject({ feedback: null, canRedo: false });
      await tidy();
    }),
    RUNS,
  );
});

test('history keeps everything that was ever decided, whatever is undone, redone and decided anew', async () => {
  type Move = Verb | 'undo' | 'redo';
  const moves = fc.array(fc.oneof(verbs(1), fc.constantFrom<Move[][]>(['undo'], ['redo'])), { maxLength: 14 });
  const judgement = ({ status, verdict, ranks, strength }: Decision): string =>
    JSON.stringify([status, verdict, ranks, strength]);
  await fc.assert(
    fc.asyncProperty(moves, async (list) => {
      const db = await fresh();
      const ada = person('Ada');
      const ever = new Set<string>();
      for (const move of list.flat()) {
        if (move === 'undo') await ada.undo(db);
        else if (move === 'redo') await ada.redo(db);
        else await ada.do(db, move);
        for (const row of await db.getAll('feedback')) if (row.status !== 'open') ever.add(row.id + judgement(row));
      }
      const rows = await db.getAll('feedback');
      const kept = new Set(rows.flatMap((row) => [row, ...row.history].map((one) => row.id + judgement(one))));
      for (const one of ever) expect(kept).toContain(one);
      for (const { history, status, decidedAt, createdAt } of rows) {
        expect(history.map((past) => past.decidedAt)).toEqual(history.map((past) => past.decidedAt).sort());
        if (status === 'open') expect(decidedAt).toBe(createdAt);
      }
      await tidy();
    }),
    RUNS,
  );
});

test('a tab killed between any two actions of a sitting has lost nothing', async () => {
  await fc.assert(
    fc.asyncProperty(verbs(8), async (list) => {
      let db = await fresh();
      const ada = person('Ada');
      for (const verb of list) {
        const { feedback } = await ada.do(db, verb);
        db.close();
        db = await tab();
        const read = await readFeedback(db, 'p', 'Ada');
        expect(read?.own.find(({ comparisonId }) => comparisonId === verb.on) ?? feedback).toEqual(feedback);
      }
      const end = await decisions(db);
      for (let more = true; more;) {
        db.close();
        db = await tab();
        more = (await ada.undo(db)).feedback !== null;
      }
      expect(await decisions(db)).toEqual({});
      while ((await ada.redo(db)).feedback);
      expect(await decisions(db)).toEqual(end);
      await tidy();
    }),
    RUNS,
  );
});

test('two tabs that judge at once lose nothing and double nothing, one person or two', async () => {
  for (const [left, right] of [
    ['Ada', 'Ada'],
    ['Ada', 'Bo'],
  ] as const) {
    const one = await fresh();
    const two = await tab();
    const [ada, bo] = [person(left), person(right)];
    const rounds = Array.from({ length: 20 }, (_, i) => i);
    await Promise.all(
      rounds.flatMap((i) => [ada.do(one, says('x', `left ${i}`)), bo.do(two, { ...tie, on: i % 2 ? 'y' : 'z' })]),
    );
    await Promise.all([ada.do(one, better), bo.do(two, better), ada.do(one, better)]);
    const rows = await one.getAll('feedback');
    expect(rows.map(({ id }) => id).sort()).toEqual(
      [`x/0/${left}`, ...(left === right ? [] : [`x/0/${right}`]), `y/0/${right}`, `z/0/${right}`].sort(),
    );
    expect(rows.every(({ status }) => status === 'judged')).toBe(true);
    expect(rows.find(({ id }) => id === `x/0/${left}`)).toMatchObject({ comment: 'left 19', history: [] });
    for (const annotator of new Set([left, right])) {
      const log = (await two.getAll('actions')).filter((action) => action.annotator === annotator);
      expect(log.map(({ index }) => index)).toEqual(log.map((_, i) => i)); // none lost, none twice
      expect(await two.get('settings', `undo:p:${annotator}`)).toBe(log.length);
    }
    while ((await ada.undo(two)).feedback);
    while ((await bo.undo(one)).feedback);
    expect(await decisions(two)).toEqual({});
    await tidy();
  }
});

test('a word typed letter by letter is one step; a later word on another comparison is another', async () => {
  const db = await fresh();
  const ada = person('Ada');
  for (const text of ['c', 'cl', 'clear']) await ada.do(db, says('x', text));
  await ada.do(db, says('y', 'no'));
  await ada.do(db, says('x', 'clearer'));
  await ada.do(db, better);
  await ada.do(db, says('x', 'clearest'));
  expect((await db.getAll('actions')).map(({ kind, after }) => [kind, after.comment])).toEqual([
    ['comment', 'clear'],
    ['comment', 'no'],
    ['comment', 'clearer'],
    ['judge', undefined],
    ['comment', 'clearest'],
  ]);
  await ada.undo(db);
  expect(await decisions(db)).toMatchObject({ 'x/0/Ada': { comment: 'clearer', status: 'judged' } });
  await ada.do(db, says('x', 'anew'));
  expect(await ada.redo(db)).toMatchObject({ feedback: null }); // what came before it was undone is behind us
});

test('what was undone is gone once something else is done: it neither comes back nor is in the way', async () => {
  const db = await fresh();
  const ada = person('Ada');
  for (const verb of [better, tie, says('z', 'one')]) await ada.do(db, verb);
  await ada.undo(db);
  await ada.undo(db);
  expect(await ada.do(db, worse)).toMatchObject({ canUndo: true, canRedo: false });
  expect((await db.getAll('actions')).map(({ index, kind }) => [index, kind])).toEqual([
    [0, 'judge'],
    [1, 'judge'],
  ]);
  const now = await decisions(db);
  expect(now).toMatchObject({ 'x/0/Ada': { ranks: [2, 1] } });
  expect(await ada.redo(db)).toMatchObject({ feedback: null });
  expect(await decisions(db)).toEqual(now);
});

test('what changes nothing is no step; a revision keeps what was decided before, with its time', async () => {
  const db = await fresh();
  const ada = person('Ada');
  const first = await ada.do(db, better);
  const again = await ada.do(db, better);
  expect([again.feedback, again.mark]).toEqual([first.feedback, first.mark]);
  const { feedback } = await ada.do(db, worse);
  expect(feedback).toMatchObject({
    ranks: [2, 1],
    shown: [1, 0],
    leadTime: 1, // looking again is not looking before the first decision
    decidedAt: '2026-01-01T00:00:02.000Z',
    history: [{ ...OPEN, ...better.change, decidedAt: '2026-01-01T00:00:00.000Z' }],
  });
  expect(await db.count('actions')).toBe(2);
});

test('what does not belong together is refused and leaves everything as it was', async () => {
  const db = await fresh();
  const ada = person('Ada');
  await ada.do(db, better);
  const before = [await db.getAll('feedback'), await db.getAll('actions'), await db.getAll('settings')];
  const wrong: Verb = { on: 'x', kind: 'judge', change: { status: 'judged', verdict: 'tie', ranks: [1, 2] } };
  await expect(ada.do(db, wrong)).rejects.toThrow(/feedback\.ranks: must be equal, got "1, 2"/);
  await expect(ada.do(db, { ...tie, on: 'gone' })).rejects.toThrow(/needs its comparison/);
  expect([await db.getAll('feedback'), await db.getAll('actions'), await db.getAll('settings')]).toEqual(before);
});

test('a change is made of what is stored, not of what a tab remembers', async () => {
  const one = await fresh();
  const two = await tab();
  const flag = (db: Database): Promise<unknown> =>
    act(db, {
      ...{
        projectId: 'p',
        annotator: 'Ada',
        comparisonId: 'x',
        round: 0,
        shown: [0, 1],
        at: '2026-01-01',
        leadTime: 0,
      },
      ...{ kind: 'flag', change: ({ flagged }) => ({ flagged: !flagged }) },
    });
  await Promise.all([flag(one), flag(two), flag(one)]);
  expect(await decisions(one)).toMatchObject({ 'x/0/Ada': { flagged: true } });
  expect(await one.count('actions')).toBe(3);
});

test('a comparison leaves with everybody’s feedback and comes back with it; undo passes over what is gone', async () => {
  const db = await fresh();
  const [ada, bo] = [person('Ada'), person('Bo')];
  await ada.do(db, tie);
  await ada.do(db, better);
  await bo.do(db, worse);
  const before = [await decisions(db), await readComparisons(db, 'p')];
  const removed = await removeComparisons(db, 'p', ['x', 'unknown']);
  expect((await readComparisons(db, 'p')).map(({ id }) => id)).toEqual(['y', 'z']);
  expect(Object.keys(await decisions(db))).toEqual(['y/0/Ada']);
  expect((await ada.undo(db)).feedback).toMatchObject({ id: 'y/0/Ada', status: 'open' });
  await ada.redo(db);
  await restoreComparisons(db, removed);
  expect([await decisions(db), await readComparisons(db, 'p')]).toEqual(before);
  while ((await ada.redo(db)).feedback);
  expect(await decisions(db)).toEqual(before[0]);
});

test('one person’s feedback is read alone; what others alone have judged is told; the known is not read again', async () => {
  const db = await fresh();
  const [ada, bo] = [person('Ada'), person('Bo')];
  await ada.do(db, better);
  await bo.do(db, worse);
  await bo.do(db, tie);
  await bo.do(db, says('z', 'hm'));
  await db.put('feedback', { id: 'broken', projectId: 'p' } as never);
  const read = await readFeedback(db, 'p', 'Ada');
  expect(read).toMatchObject({ own: [{ id: 'x/0/Ada' }], canUndo: true, canRedo: false, mark: { revision: 4 } });
  expect([...(read?.others ?? [])]).toEqual(['y']);
  expect(await readFeedback(db, 'p', 'Ada', read?.mark.revision)).toBeNull();
  const all: string[] = [];
  for await (const rows of feedbackOfProject(db, 'p')) all.push(...rows.map(({ id }) => id));
  expect(all).toEqual(['x/0/Ada', 'x/0/Bo', 'y/0/Bo', 'z/0/Bo']);
});

test('comparisons of one id are kept once; places are never given twice', async () => {
  const db = await fresh();
  const two = await tab();
  await Promise.all([addComparisons(db, 'p', [comparison('a')]), addComparisons(two, 'p', [comparison('b')])]);
  const again = await addComparisons(db, 'p', [{ ...comparison('a'), question: 'Another?' }, comparison('c')]);
  expect(again.map(({ question }) => question)).toEqual(['Q?', 'Q?']);
  await removeComparisons(db, 'p', ['c']);
  await addComparisons(db, 'p', [comparison('d')]);
  const rows = await readComparisons(db, 'p');
  expect(rows.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 6]);
});

test('no text is destroyed: what was dropped, emptied, replaced or written of another answer comes back with undo', async () => {
  const writes = (response: number | null, text = ''): Verb => {
    return { on: 'x', kind: 'edit', change: { edit: response === null ? null : { response, text } } };
  };
  const lists: [Verb[], string[]][] = [
    [
      [writes(0, 'w'), writes(0, 'whole'), writes(null)],
      ['whole', ''],
    ],
    [
      [writes(0, 'left'), writes(1, 'r'), writes(1, 'right')],
      ['left', ''],
    ],
    [
      [says('x', 'a'), says('x', 'all'), says('x', ''), says('x', 'n'), says('x', 'new')],
      ['', 'all', ''],
    ],
    [
      [says('x', 'long'), says('x', 'lon'), says('x', ''), says('x', 'b')],
      ['', 'long', ''],
    ],
    [
      [says('x', 'one'), says('x', 'two')],
      ['one', ''],
    ],
  ];
  for (const [list, expected] of lists) {
    const db = await fresh();
    const ada = person('Ada');
    await ada.do(db, tie);
    for (const verb of list) await ada.do(db, verb);
    const seen: string[] = [];
    for (;;) {
      const { feedback } = await ada.undo(db);
      if (feedback?.id !== 'x/0/Ada') break; // the other judgement is taken back last
      seen.push(feedback.edit?.text ?? feedback.comment);
    }
    expect(seen).toEqual(expected);
    await tidy();
  }
});

test('undo is never stuck: taken back in another order than done, what is decided stays whole', async () => {
  const db = await fresh();
  const ada = person('Ada');
  for (const verb of [better, worse, tie, { ...tie, on: 'x' }]) await ada.do(db, verb);
  const removed = await removeComparisons(db, 'p', ['x']);
  expect((await ada.undo(db)).feedback?.id).toBe('y/0/Ada');
  await restoreComparisons(db, removed);
  expect((await ada.undo(db)).feedback).toMatchObject({ verdict: 'better', ranks: [1, 2] });
  expect((await ada.undo(db)).feedback).toMatchObject({ status: 'open', verdict: null, ranks: null });
  expect(await ada.undo(db)).toMatchObject({ feedback: null, canUndo: false });
  const [action] = await db.getAll('actions');
  if (action) await db.put('actions', { ...action, after: { ranks: [1, 1], status: 'judged', verdict: 'better' } });
  expect((await ada.redo(db)).feedback).toMatchObject({ ranks: [2, 1] }); // what does not fit is passed over
});

test('how much better is said of a better one alone, in whatever order; a ranking under way is stored', async () => {
  const db = await fresh();
  const ada = person('Ada');
  const strong: Verb = { on: 'x', kind: 'strength', change: { strength: 3 } };
  for (const verb of [{ ...tie, on: 'x' }, strong]) await ada.do(db, verb);
  expect(await decisions(db)).toMatchObject({ 'x/0/Ada': { verdict: 'tie', strength: null } });
  for (const verb of [better, strong, { ...tie, on: 'x' }]) await ada.do(db, verb);
  expect(await decisions(db)).toMatchObject({ 'x/0/Ada': { verdict: 'tie', strength: null } });
  await ada.do(db, { on: 'z', kind: 'rank', change: { choosing: [1] } });
  await ada.do(db, { on: 'z', kind: 'rank', change: { choosing: [1, 0] } });
  expect((await ada.undo(db)).feedback?.choosing).toEqual([1]);
  await expect(ada.do(db, { on: 'z', kind: 'rank', change: { choosing: [1, 1] } })).rejects.toThrow(/each answer once/);
  const { choosing: _, ...old } = (await db.get('feedback', 'z/0/Ada')) ?? { choosing: [] };
  await db.put('feedback', old as never);
  expect((await readFeedback(db, 'p', 'Ada'))?.own.find(({ comparisonId }) => comparisonId === 'z')?.choosing).toEqual(
    [],
  );
});
