// Judging: one person's way through the queue of the open project. Every verb is one strict write; verbs are written one
// after the other, each on what was shown when it was asked for.
import { queueOf, shownOrder } from '../curation/queue.ts';
import type { Comparison } from '../records/comparison.ts';
import {
  feedbackId,
  OPEN,
  ranksOf,
  type Decision,
  type Edit,
  type Feedback,
  type FeedbackAction,
  type Strength,
  type Verdict,
} from '../records/feedback.ts';
import type { QueueItem, QueueSettings } from '../records/queue.ts';
import { act, ANNOTATOR_KEY, readFeedback, redo, undo, type Acted, type FeedbackOfOne } from '../storage/feedback.ts';
import { comparisons } from './comparisons.svelte.ts';
import { connection } from './connection.svelte.ts';
import { sentence } from './language.svelte.ts';
import { Looking } from './looking.ts';
import { isText, keepMeanwhile, keptMeanwhile, Persisted } from './persisted.svelte.ts';
import { queueChoices } from './queueChoices.svelte.ts';
import { Turns } from './turns.svelte.ts';

const isPlaces = (value: unknown): value is Record<string, QueueItem> => typeof value === 'object' && value !== null;

/** In small storage, while it is on its way to the database. */
const meanwhileKey = (kind: FeedbackAction['kind'], id: string): string => `typed:${kind}:${id}`;

class Judging {
  #projectId = $state.raw('');
  #annotator = new Persisted('annotator', '', isText);
  /** Where each project was left. */
  #places = new Persisted<Record<string, QueueItem>>('judging', {}, isPlaces);
  /** By id. Kept as they are and told of by two counters: a queue of thousands is not gone through at every key. */
  #rows = new Map<string, Feedback>();
  #changes = $state(0);
  /** Of them, those that were decided, or opened again. */
  #flips = $state(0);
  /** Feedback and settings of the project are there. */
  #ready = $state(false);
  #others = $state.raw<ReadonlySet<string>>(new Set());
  #at = $state.raw<QueueItem | null>(null);
  #line = $state.raw({ canUndo: false, canRedo: false });
  #mark = $state.raw({ revision: -1, at: '' });
  #problem = $state('');
  #turns = new Turns();
  #reading: Promise<void> = Promise.resolve();
  readonly #looking = new Looking();
  /** Typed in this tab, and not yet in the database. */
  readonly #underway = new Set<string>();

  #items = $derived(this.#ready ? queueOf(comparisons.list, queueChoices.settings, this.#others) : []);
  #ids = $derived(this.#items.map(({ comparisonId, round }) => feedbackId(comparisonId, round, this.annotator)));
  #comparison = $derived(comparisons.find(this.#at?.comparisonId ?? null));
  #feedback = $derived(this.#at && this.feedbackOf(this.#at));
  #shown = $derived(this.#at && this.#comparison ? this.#orderOf(this.#at, this.#comparison) : []);
  #progress = $derived.by(() => {
    void this.#flips;
    return { done: this.#ids.filter((id) => !this.#isOpen(id)).length, total: this.#ids.length };
  });

  /** '' = never asked. */
  get annotator(): string {
    return this.#annotator.value;
  }
  get settings(): QueueSettings {
    return queueChoices.settings;
  }
  get items(): readonly QueueItem[] {
    return this.#items;
  }
  /** Null before one is opened, and when it has been removed. */
  get item(): QueueItem | null {
    return this.#comparison ? this.#at : null;
  }
  get comparison(): Comparison | null {
    return this.#comparison;
  }
  /** Null while nothing has been done on it. */
  get feedback(): Feedback | null {
    return this.#feedback;
  }
  /** Indices of the answers from left to right. */
  get shown(): readonly number[] {
    return this.#shown;
  }
  /** Places of the queue that are judged or skipped. */
  get progress(): { done: number; total: number } {
    return this.#progress;
  }
  get canUndo(): boolean {
    return this.#line.canUndo;
  }
  get canRedo(): boolean {
    return this.#line.canRedo;
  }
  get saving(): boolean {
    return this.#turns.busy;
  }
  /** Why the last verb was not kept; '' when it was. */
  get problem(): string {
    return this.#problem;
  }
  /** When anything was last decided, by anybody here; '' = never. */
  get changedAt(): string {
    return this.#mark.at;
  }
  /** Of its file of tasks, else the project's. */
  get tagsToChoose(): readonly string[] {
    const source = this.#comparison?.source;
    const file = source?.kind === 'file' && comparisons.taskFiles.find(({ id }) => id === source.taskFileId);
    return file && file.head.tags.length > 0 ? file.head.tags : queueChoices.tags;
  }

  feedbackOf({ comparisonId, round }: QueueItem): Feedback | null {
    void this.#changes;
    return this.#rows.get(feedbackId(comparisonId, round, this.annotator)) ?? null;
  }

  /** After the comparisons. Reads nothing when nobody has changed the feedback since. */
  load(projectId: string): Promise<void> {
    if (projectId !== this.#projectId) this.#forget(projectId);
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read(projectId));
    return this.#reading;
  }

  /** Whose feedback it is from now on. */
  async setAnnotator(name: string): Promise<void> {
    await this.#turns.done();
    if (name.trim() === this.annotator) return;
    const at = this.#at;
    await connection.write(['settings'], (tx) => tx.objectStore('settings').put(name.trim(), ANNOTATOR_KEY));
    this.#annotator.value = name.trim();
    this.#forget(this.#projectId);
    if (at) this.open(at.comparisonId, at.round); // a name is asked for in front of what is to be judged
    await this.load(this.#projectId);
  }

  setSettings(settings: QueueSettings): Promise<void> {
    return queueChoices.setSettings(settings);
  }
  /** Reasons to choose from, where the file of tasks names none. */
  setTagsToChoose(tags: readonly string[]): Promise<void> {
    return queueChoices.setTags(tags);
  }

  /** False when there is no such comparison. */
  open(comparisonId: string, round = 0): boolean {
    if (!comparisons.find(comparisonId)) return false;
    this.#at = { comparisonId, round };
    this.#places.value = { ...this.#places.value, [this.#projectId]: this.#at };
    this.#looking.look(feedbackId(comparisonId, round, this.annotator));
    this.#bring();
    return true;
  }
  /** The page is left: looking ends. */
  leave(): void {
    this.#looking.look(null);
  }

  /** These three are false at the end of the queue, and stay where they are. */
  next(): boolean {
    return this.#go(this.#items[this.#place + 1]);
  }
  previous(): boolean {
    return this.#go(this.#items[this.#place < 0 ? this.#items.length - 1 : this.#place - 1]);
  }
  /** The first behind this one, then from the start, that is neither judged nor skipped. */
  nextOpen(): boolean {
    const [ids, here] = [this.#ids, this.#place];
    for (let step = 1; step <= ids.length; step++) {
      const place = (here + step) % ids.length;
      if (place !== here && this.#isOpen(ids[place] ?? '')) return this.#go(this.#items[place]);
    }
    return false;
  }

  /** `ranks` per answer in the comparison's own order; all alike when left out, as a tie and "both bad" are. */
  judge(verdict: Verdict, ranks?: readonly number[]): Promise<boolean> {
    const all = [...(ranks ?? ranksOf(this.#shown.length, null))];
    return this.#act('judge', { status: 'judged', verdict, ranks: all, choosing: [] });
  }
  skip(): Promise<boolean> {
    return this.#act('skip', { status: 'skipped', verdict: null, ranks: null, strength: null, choosing: [] });
  }
  /** On, or off again. */
  flag(): Promise<boolean> {
    return this.#act('flag', ({ flagged }) => ({ flagged: !flagged }));
  }
  /** Kept of a better one alone, and before there is a verdict. */
  setStrength(strength: Strength | null): Promise<boolean> {
    return this.#act('strength', { strength });
  }
  setTags(tags: readonly string[]): Promise<boolean> {
    return this.#act('tags', { tags: [...tags] });
  }
  /** On, or off again. */
  toggleTag(tag: string): Promise<boolean> {
    return this.#act('tags', ({ tags }) => ({
      tags: tags.includes(tag) ? tags.filter((other) => other !== tag) : [...tags, tag],
    }));
  }
  /** At every key: what is typed while a write is under way goes with the next. */
  setComment(comment: string): Promise<boolean> {
    return this.#act('comment', { comment }, comment === '' ? '' : 'comment');
  }
  setEdit(edit: Edit | null): Promise<boolean> {
    return this.#act('edit', { edit: edit && { ...edit } }, edit?.text ? `edit ${edit.response}` : '');
  }
  /** A ranking under way, at every place that is given: indices of responses, best first. */
  setChoosing(choosing: readonly number[]): Promise<boolean> {
    return this.#act('rank', { choosing: [...choosing] });
  }
  /** Open again; words, tags and flag stay. */
  clear(): Promise<boolean> {
    return this.#act('clear', { status: 'open', verdict: null, ranks: null, strength: null, choosing: [] });
  }

  /** Opens what it changes. */
  undo(): Promise<boolean> {
    return this.#move(undo);
  }
  redo(): Promise<boolean> {
    return this.#move(redo);
  }

  get #place(): number {
    return this.#at ? this.#ids.indexOf(feedbackId(this.#at.comparisonId, this.#at.round, this.annotator)) : -1;
  }
  #isOpen(id: string): boolean {
    return (this.#rows.get(id)?.status ?? 'open') === 'open';
  }
  #orderOf(item: QueueItem, { seed, responses }: Comparison): readonly number[] {
    return this.feedbackOf(item)?.shown ?? shownOrder(seed, item.round, responses.length);
  }
  #go(item: QueueItem | undefined): boolean {
    return item !== undefined && this.open(item.comparisonId, item.round);
  }

  #act(
    kind: FeedbackAction['kind'],
    change: Partial<Decision> | ((now: Decision) => Partial<Decision>),
    typed = '',
  ): Promise<boolean> {
    const [item, comparison, projectId, annotator] = [this.item, this.#comparison, this.#projectId, this.annotator];
    if (!item || !comparison) return Promise.resolve(false);
    const id = feedbackId(item.comparisonId, item.round, annotator);
    const shown = [...this.#shown];
    const underway = typed && typeof change === 'object' ? meanwhileKey(kind, id) : '';
    if (underway) {
      keepMeanwhile(underway, change);
      this.#underway.add(underway);
    }
    return this.#turns.take(typed && `${typed} ${id}`, async () => {
      const [at, leadTime] = [new Date().toISOString(), this.#looking.take(id)];
      const kept = await this.#write(projectId, annotator, async () =>
        act(await connection.open(), { projectId, annotator, ...item, shown, kind, change, at, leadTime }),
      );
      if (kept && underway && JSON.stringify(keptMeanwhile(underway)) === JSON.stringify(change)) {
        keepMeanwhile(underway, null);
        this.#underway.delete(underway);
      }
      return kept;
    });
  }

  /** What was typed in the last moment before the tab went away, and had not reached the database. */
  #bring(): void {
    const [item, decision] = [this.item, this.#feedback ?? OPEN];
    if (!item) return;
    for (const kind of ['comment', 'edit'] as const) {
      const key = meanwhileKey(kind, feedbackId(item.comparisonId, item.round, this.annotator));
      const left = keptMeanwhile(key) as Partial<Decision> | null;
      if (left === null || this.#underway.has(key)) continue;
      keepMeanwhile(key, null);
      if (JSON.stringify(left[kind]) !== JSON.stringify(decision[kind])) void this.#act(kind, { [kind]: left[kind] });
    }
  }

  #move(verb: typeof undo): Promise<boolean> {
    const [projectId, annotator] = [this.#projectId, this.annotator];
    return this.#turns.take('', async () => {
      const at = new Date().toISOString();
      let moved: Feedback | null = null;
      const kept = await this.#write(projectId, annotator, async () => {
        const acted = await verb(await connection.open(), { projectId, annotator, at });
        moved = acted.feedback;
        return acted;
      });
      const to = moved as Feedback | null;
      if (to && projectId === this.#projectId) this.open(to.comparisonId, to.round);
      return kept && to !== null;
    });
  }

  /** True when it is on the disk. */
  async #write(projectId: string, annotator: string, verb: () => Promise<Acted>): Promise<boolean> {
    let acted: Acted;
    try {
      acted = await verb();
    } catch (error) {
      this.#problem = sentence(error);
      return false;
    }
    connection.keep();
    if (projectId !== this.#projectId || annotator !== this.annotator) return true; // kept, and no longer shown
    const { feedback, canUndo, canRedo, mark } = acted;
    if (feedback) this.#put(feedback);
    [this.#line, this.#problem] = [{ canUndo, canRedo }, ''];
    if (this.#ready && mark.revision - this.#mark.revision <= 1) this.#mark = mark;
    else await this.#read(projectId).catch(() => undefined); // others have judged too: read now, or with the next verb
    return true;
  }

  #put(feedback: Feedback): void {
    const was = this.#isOpen(feedback.id);
    this.#rows.set(feedback.id, feedback);
    this.#changes++;
    if (was !== this.#isOpen(feedback.id)) this.#flips++;
  }

  #forget(projectId: string): void {
    [this.#projectId, this.#at, this.#problem] = [projectId, null, ''];
    [this.#rows, this.#others, this.#ready] = [new Map(), new Set(), false];
    [this.#line, this.#mark] = [
      { canUndo: false, canRedo: false },
      { revision: -1, at: '' },
    ];
    this.#looking.look(null);
  }

  async #read(projectId: string): Promise<void> {
    await queueChoices.load(projectId);
    if (!projectId || projectId !== this.#projectId) return;
    const named = await (await connection.open()).get('settings', ANNOTATOR_KEY);
    if (this.annotator === '' && typeof named === 'string') this.#annotator.value = named;
    const annotator = this.annotator;
    const found = await readFeedback(await connection.open(), projectId, annotator, this.#mark.revision);
    const wanted = projectId === this.#projectId && annotator === this.annotator;
    // a verb that was kept while we read is newer than what we have read
    if (found && wanted && found.mark.revision >= this.#mark.revision) this.#show(found);
    const place = this.#places.value[projectId];
    if (!this.#at && place && comparisons.find(place.comparisonId)) this.#at = place;
    this.#bring();
  }

  #show({ own, others, canUndo, canRedo, mark }: FeedbackOfOne): void {
    [this.#rows, this.#others, this.#ready] = [new Map(own.map((row) => [row.id, row])), others, true];
    this.#changes++;
    this.#flips++;
    [this.#line, this.#mark] = [{ canUndo, canRedo }, mark];
  }
}

export const judging = new Judging();
