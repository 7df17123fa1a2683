// Batches of answers to be judged: one runs at a time, in the background, prompt by prompt; it goes on where it stopped.
import { comparisonId, comparisonOf, withoutAlike } from '../curation/tasks.ts';
import { BATCH_VERSION, type Batch, type Contender } from '../records/batch.ts';
import { finishPrompt, readBatches, setBatchStatus, type Outcome } from '../storage/batches.ts';
import { answererName } from './answererName.ts';
import { answerPrompt, scopeOf, type Answered, type Scope, type Wanted } from './batchAnswer.ts';
import { batchStatus, type BatchNow } from './batchStatus.svelte.ts';
import { comparisons } from './comparisons.svelte.ts';
import { connection } from './connection.svelte.ts';
import { engine } from './engine.svelte.ts';
import { format, sentence, t } from './language.svelte.ts';
import { projects } from './projects.svelte.ts';
import { router } from './router.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { work } from './work.ts';

interface Live {
  batch: Batch;
  /** Of its contenders: another project, with other adapters, may be opened meanwhile. */
  names: readonly string[];
  /** performance.now() at the first prompt, and how many were done then: for the time left. */
  since: number;
  from: number;
  ending: boolean;
  signal: AbortController;
}

interface Answerers {
  /** Takes it at once; what is called then makes it ready. */
  scope: (batch: Batch) => (signal: AbortSignal) => Promise<Scope>;
  answer: (wanted: Wanted) => Promise<Answered | null>;
}

/** What a model refuses for one prompt says nothing about the next. */
const REFUSED = new Set(['PromptError']);
/** The queue is read anew at most so often: it may be long. */
const SEEN_MS = 3000;
const lockOf = (id: string): string => `atelier batch ${id}`;

export class Batches {
  #by: Answerers;
  #projectId = '';
  #list = $state.raw<readonly Batch[]>([]);
  #live = $state.raw<Live | null>(null);
  #problem = $state.raw<{ batchId: string; text: string } | null>(null);
  /** A prompt that ended the batch once: the second time it is left behind. */
  #stuck = '';
  #brought = 0;

  constructor(by: Answerers = { scope: scopeOf, answer: answerPrompt }) {
    this.#by = by;
  }

  /** Of the open project, newest first. */
  get list(): readonly Batch[] {
    return this.#list;
  }
  get busy(): boolean {
    return this.#live !== null;
  }

  isLive(id: string): boolean {
    return this.#live?.batch.id === id;
  }
  isEnding(id: string): boolean {
    return this.isLive(id) && this.#live?.ending === true;
  }
  /** Why it does not go on; '' when nothing is wrong. */
  problemOf(id: string): string {
    return this.#problem?.batchId === id ? this.#problem.text : '';
  }

  /** Of the one under way, in ms; null before a first prompt is done. */
  get timeLeft(): number | null {
    const live = this.#live;
    if (!live || live.batch.done <= live.from) return null;
    const each = (performance.now() - live.since) / (live.batch.done - live.from);
    return each * (live.batch.prompts.length - live.batch.done);
  }

  async load(projectId: string): Promise<void> {
    this.#projectId = projectId;
    const rows = projectId ? await readBatches(await connection.open(), projectId) : [];
    if (this.#projectId === projectId) this.#list = rows;
  }

  /** Stores it and begins; null while another one runs. */
  async start(prompts: readonly string[], contenders: readonly Contender[]): Promise<Batch | null> {
    const projectId = projects.current?.id;
    if (this.busy || !projectId || prompts.length === 0 || contenders.length < 2) return null;
    const made: Batch = {
      id: crypto.randomUUID(),
      projectId,
      modelId: engine.model.id,
      prompts: [...prompts],
      contenders: $state.snapshot(contenders) as Contender[],
      ...{ done: 0, alike: 0, failed: [], status: 'running' as const },
      createdAt: new Date().toISOString(),
      version: BATCH_VERSION,
    };
    await connection.write(['batches'], (tx) => tx.objectStore('batches').put(made));
    this.#show(made);
    void this.resume(made);
    return made;
  }

  /** Resolves when it has ended, for whatever reason. */
  async resume(batch: Batch): Promise<void> {
    if (this.busy || batch.status === 'done' || batch.done >= batch.prompts.length) return;
    if (batch.modelId !== engine.model.id) {
      this.#problem = { batchId: batch.id, text: t().tasks.batch.otherModel(batch.modelId, engine.model.id) };
      return;
    }
    const ready = this.#by.scope(batch);
    const live: Live = {
      batch,
      names: batch.contenders.map(({ adapterId }) => answererName(adapterId)),
      since: performance.now(),
      from: batch.done,
      ending: false,
      signal: new AbortController(),
    };
    this.#live = live;
    this.#problem = null;
    const run = async (lock: Lock | null): Promise<void> => {
      if (lock) await work.during(() => this.#run(ready, live.signal.signal));
      else this.#problem = { batchId: batch.id, text: t().tasks.batch.elsewhere };
    };
    try {
      await navigator.locks.request(lockOf(batch.id), { ifAvailable: true }, run);
    } catch (error) {
      this.#problem = { batchId: batch.id, text: sentence(error) };
    } finally {
      const problem = this.problemOf(batch.id);
      const last = this.#live?.batch ?? batch;
      this.#live = null;
      this.#bring(0);
      if (last.status === 'running' && problem !== t().tasks.batch.elsewhere) await this.#set(batch.id, 'paused');
      this.#tell(this.#find(batch.id) ?? last, problem);
    }
  }

  /** At once: the prompt under way is answered anew when it goes on. */
  pause(): void {
    if (!this.#live) return;
    this.#live = { ...this.#live, ending: true };
    this.#live.signal.abort();
  }

  /** For good; what is done stays. */
  async stop(id: string): Promise<void> {
    if (this.isLive(id)) this.pause();
    await this.#set(id, 'done');
  }

  /** Off the list; its comparisons stay. put() takes it back. */
  async remove(batch: Batch): Promise<void> {
    if (this.isLive(batch.id)) this.pause();
    await connection.write(['batches'], (tx) => tx.objectStore('batches').delete(batch.id));
    this.#list = this.#list.filter(({ id }) => id !== batch.id);
  }

  async put(batch: Batch): Promise<void> {
    await connection.write(['batches'], (tx) => tx.objectStore('batches').put(batch));
    this.#show(batch);
  }

  async #run(ready: ReturnType<Answerers['scope']>, signal: AbortSignal): Promise<void> {
    const db = await connection.open();
    const id = this.#live?.batch.id ?? '';
    const stored = await db.get('batches', id); // another tab may have brought it further
    if (!stored || stored.status === 'done') return;
    this.#change({ ...stored, status: 'running' });
    await this.#set(id, 'running');
    const scope = await ready(signal);
    while (!signal.aborted) {
      const batch = this.#live?.batch;
      const prompt = batch?.prompts[batch.done];
      if (!batch || prompt === undefined) return;
      const outcome = await this.#outcome({ batch, prompt, scope, signal });
      if (!outcome || signal.aborted) return;
      const now = await finishPrompt(db, id, batch.done, outcome);
      if (!now) return; // the batch was removed
      this.#change(now);
      if (now.status === 'done') return;
      this.#bring(SEEN_MS);
    }
  }

  /** Shows what came into the queue of the open project. */
  #bring(after: number): void {
    if (performance.now() - this.#brought < after) return;
    this.#brought = performance.now();
    void comparisons.load(comparisons.projectId).catch(() => undefined); // the page of the queue says it
  }

  /** Null when it was ended. */
  async #outcome(wanted: Wanted): Promise<Outcome | null> {
    const { batch } = wanted;
    const place = `${batch.id} ${batch.done}`;
    try {
      const answered = await this.#by.answer(wanted);
      return answered && outcomeOf(batch, this.#live?.names ?? [], answered);
    } catch (error) {
      if (wanted.signal.aborted) return null;
      const refused = error instanceof Error && REFUSED.has(error.name);
      if (!refused && this.#stuck !== place) {
        this.#stuck = place;
        throw error;
      }
      return { kind: 'failed', problem: sentence(error) };
    }
  }

  async #set(id: string, status: Batch['status']): Promise<void> {
    const stored = await setBatchStatus(await connection.open(), id, status);
    if (stored) this.#show(stored);
  }

  #find(id: string): Batch | undefined {
    return this.#list.find((batch) => batch.id === id);
  }

  #change(batch: Batch): void {
    if (this.#live) this.#live = { ...this.#live, batch };
    this.#show(batch);
  }

  #show(batch: Batch): void {
    if (batch.projectId !== this.#projectId) return;
    const others = this.#list.filter(({ id }) => id !== batch.id);
    this.#list = [...others, batch].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /** The page may have been left: the message leads back. */
  #tell(batch: Batch, problem: string): void {
    if (router.path === '/annotate/add') return;
    const words = t().tasks.batch;
    if (problem) toasts.show(`${words.halted} ${problem}`, { tone: 'error' });
    else if (batch.done >= batch.prompts.length) {
      const action = { label: t().common.open, run: (): void => router.go('/annotate') };
      toasts.show(words.finished(batch.done - batch.alike - batch.failed.length), { action, seconds: 10 });
    }
  }

  /** For the top bar. */
  get under(): BatchNow['under'] {
    const live = this.#live;
    if (!live) return null;
    const { done, prompts, projectId } = live.batch;
    const detail = t().tasks.batch.under(format.number(done), format.number(prompts.length));
    return { projectId, detail, share: done / prompts.length, path: '/annotate/add', pause: () => this.pause() };
  }
}

/** What can be compared of the answers of all contenders. */
function outcomeOf(batch: Batch, names: readonly string[], { question, passages, prompt, texts }: Answered): Outcome {
  const responses = texts.map((text, i) => {
    const { adapterId = null, sampling } = batch.contenders[i] ?? {};
    return {
      text,
      origin: { name: names[i] ?? null, generationId: null, adapterId, seed: sampling?.seed ?? null },
      score: null,
    };
  });
  const task = withoutAlike({ question, passages, prompt, responses });
  if (!task) return { kind: 'alike' };
  const id = comparisonId(batch.id, String(batch.done));
  const made = { id, projectId: batch.projectId, createdAt: new Date().toISOString() };
  return { kind: 'made', comparison: comparisonOf(task, { ...made, source: { kind: 'batch', batchId: batch.id } }) };
}

export const batches = new Batches();
batchStatus.attach(batches);
