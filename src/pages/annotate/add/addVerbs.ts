// Verbs that bring comparisons into the queue, with the words that go with them.
import type { Comparison, Task } from '../../../records/comparison.ts';
import { answererName } from '../../../state/answererName.ts';
import { taskOfAsk, type AskTask } from '../../../state/askTasks.ts';
import { batches } from '../../../state/batches.svelte.ts';
import { comparisons, type NewComparison } from '../../../state/comparisons.svelte.ts';
import type { Batch } from '../../../records/batch.ts';
import type { Generation } from '../../../records/generation.ts';
import { t } from '../../../state/language.svelte.ts';
import { router } from '../../../state/router.svelte.ts';
import { taskImport } from '../../../state/taskImport.svelte.ts';
import { toasts } from '../../../state/toasts.svelte.ts';
import { ensureProject } from '../../../state/workspace.ts';
import { attempt } from '../../frame/projectVerbs.ts';

/** Those that are new, which a click takes back. */
async function add(made: readonly NewComparison[]): Promise<Comparison[]> {
  const before = new Set(comparisons.list.map(({ id }) => id));
  const stored = await comparisons.add(made);
  const ids = stored.map(({ id }) => id).filter((id) => !before.has(id));
  told(t().tasks.added(ids.length), ids);
  return stored;
}

function told(text: string, ids: readonly string[]): void {
  const back = (): void => void attempt(async () => void (await comparisons.remove(ids)));
  if (ids.length === 0) toasts.show(text);
  else toasts.undoable(text, t().common.undo, back);
}

export const addAsks = (asks: readonly AskTask[]): Promise<boolean> =>
  attempt(async () => void (await add(asks)), t().tasks.addFailed);

/** Whether the answers of an asking can be judged: two of them differ. */
export const canJudge = (kept: readonly Generation[]): boolean => taskOfAsk(kept, answererName) !== null;

/** Into the queue, once, and to its place there. */
export const judgeAnswers = (kept: readonly Generation[]): Promise<boolean> =>
  attempt(async () => {
    const made = taskOfAsk(kept, answererName);
    if (!made) return;
    await comparisons.add([made]);
    router.go(`/annotate/${made.id}`);
  }, t().tasks.addFailed);

export const addWritten = (task: Task): Promise<boolean> =>
  attempt(async () => {
    await ensureProject(t().projects.untitled);
    await add([{ task, source: { kind: 'written' } }]);
  }, t().tasks.addFailed);

export const lookAt = (files: readonly File[]): Promise<boolean> =>
  attempt(() => taskImport.open(files), t().tasks.file.readFailed);

export const acceptTasks = (): Promise<boolean> =>
  attempt(async () => {
    const came = await taskImport.accept();
    if (!came) return;
    told(t().tasks.file.imported(came.ids.length, came.known, came.refused), came.ids);
  }, t().tasks.file.readFailed);

export const removeBatch = (batch: Batch): Promise<boolean> =>
  attempt(async () => {
    await batches.remove(batch);
    toasts.undoable(t().tasks.batch.removed, t().common.undo, () => void attempt(() => batches.put(batch)));
  });
