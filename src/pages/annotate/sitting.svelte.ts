// A sitting: the verbs of the page, one after the other, each followed by going on and by a word of what was done.
import { ranksOf, STRENGTHS, type Verdict } from '../../records/feedback.ts';
import { judging } from '../../state/judging.svelte.ts';
import { t } from '../../state/language.svelte.ts';
import { isFlag, Persisted } from '../../state/persisted.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { pathOf, roundOf } from './address.ts';
import { focusMode } from './focusMode.svelte.ts';
import type { JudgeVerbs } from './judgeKeys.ts';
import { choose, orderOfRanks, ranksOfOrder } from './ranking.ts';

export class Sitting {
  /** Read aloud, politely. */
  announcement = $state('');
  /** Position of the answer that is being edited; null while none is. */
  editing = $state<number | null>(null);
  /** What was pressed here, before it is in the feedback. */
  #choosing = $state.raw<{ key: string; order: readonly number[] } | null>(null);
  readonly differences = new Persisted('judge:differences', true, isFlag);
  readonly whole = new Persisted('judge:passages', false, isFlag);

  get #key(): string {
    return judging.item ? pathOf(judging.item) : '';
  }
  get many(): boolean {
    return judging.shown.length > 2;
  }
  /** Positions in the order in which they were chosen; at first that of the verdict. */
  get order(): readonly number[] {
    if (this.#choosing?.key === this.#key) return this.#choosing.order;
    const chosen = (judging.feedback?.choosing ?? []).map((response) => judging.shown.indexOf(response));
    return chosen.length > 0 ? chosen : orderOfRanks(judging.feedback?.ranks ?? null, judging.shown);
  }

  rank(position: number): void {
    if (position >= judging.shown.length) return;
    const order = choose(this.order, position);
    this.#choosing = { key: this.#key, order };
    void judging.setChoosing(order.flatMap((place) => judging.shown[place] ?? []));
  }

  accept(): void {
    const ranks = ranksOfOrder(this.order, judging.shown);
    if (this.many && this.order.length > 0) this.#judge('better', ranks, t().judge.verdict.ranked);
  }

  /** A pair: the one at this position is better. */
  better(position: 0 | 1): void {
    const best = judging.shown[position];
    if (this.many || best === undefined) return;
    const words = t().judge.verdict;
    this.#judge('better', ranksOf(2, best), position === 0 ? words.leftBetter : words.rightBetter);
  }

  alike(verdict: 'tie' | 'bad'): void {
    const words = t().judge.verdict;
    const bad = this.many ? words.badAllSaid : words.badSaid;
    this.#judge(verdict, ranksOf(judging.shown.length, null), verdict === 'tie' ? words.tieSaid : bad);
  }

  skip(): void {
    this.#decide(judging.skip(), t().judge.skipped);
  }

  go(step: 'next' | 'previous'): void {
    if (judging[step]()) this.#arrive();
  }

  /** What was done may have been done elsewhere in the queue: it is shown. */
  async back(verb: 'undo' | 'redo'): Promise<void> {
    if (!(await judging[verb]())) return;
    this.#choosing = null;
    this.#arrive();
    this.announcement = verb === 'undo' ? t().judge.undone : t().judge.redone;
  }

  edit(position: number): void {
    this.editing = this.editing === position ? null : position;
  }

  verbs(leaveTo: { comment: () => void }): JudgeVerbs {
    const tag = (i: number): void => {
      const name = judging.tagsToChoose[i];
      if (name !== undefined) void judging.toggleTag(name);
    };
    const strength = (n: number): void => {
      const found = STRENGTHS.find((known) => known === n) ?? null;
      void judging.setStrength(judging.feedback?.strength === found ? null : found);
    };
    return {
      left: () => this.better(0),
      right: () => this.better(1),
      tie: () => this.alike('tie'),
      bad: () => this.alike('bad'),
      accept: () => this.accept(),
      rank: (position) => this.rank(position),
      strength,
      tag,
      comment: leaveTo.comment,
      edit: (position) => this.edit(this.many ? (this.order[0] ?? 0) : position),
      skip: () => this.skip(),
      flag: () => void judging.flag(),
      clear: () => {
        if (judging.feedback && judging.feedback.status !== 'open') void judging.clear();
      },
      undo: () => void this.back('undo'),
      redo: () => void this.back('redo'),
      previous: () => this.go('previous'),
      next: () => this.go('next'),
      passages: () => (this.whole.value = !this.whole.value),
      differences: () => (this.differences.value = !this.differences.value),
      focus: () => (focusMode.value = !focusMode.value),
      items: () => router.go('/annotate/items'),
    };
  }

  #judge(verdict: Verdict, ranks: number[], said: string): void {
    this.#decide(judging.judge(verdict, ranks), said);
  }

  /** A key pressed again while it is being written counts for what was shown when it was pressed, and goes on once. */
  #decide(kept: Promise<boolean>, said: string): void {
    const key = this.#key;
    void kept.then((done) => {
      if (done && this.#key === key) this.#goOn(said);
    });
  }

  /** To the next open one; at the end of the queue the page says so. */
  #goOn(said: string): void {
    const { done, total } = judging.progress;
    this.announcement = t().judge.said(said, done, total);
    this.#choosing = null;
    if (judging.nextOpen()) this.#arrive();
    else router.replace('/annotate');
  }

  #arrive(): void {
    this.editing = null;
    const { item } = judging;
    if (!item || (router.id === item.comparisonId && roundOf(router.query('round')) === item.round)) return;
    router.replace(pathOf(item));
    scrollTo(0, 0);
  }
}
