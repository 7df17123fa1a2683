// How far people agree: with one another, with themselves, two by two and by tag. The unit is a pair of answers.
import type { Judgement } from '../records/feedback.ts';
import type { Agreement, AnnotatorStats, PairStats, TagStats } from '../records/merging.ts';
import { cohenKappa, krippendorffAlpha } from './coefficients.ts';
import { order } from './identity.ts';
import { shareOf } from './interval.ts';
import { CATEGORIES, lastOfEach, pairsOf, type Category, type Opinion } from './pairs.ts';

/** Tables of two are made for those who judged most: among thousands of people there would be millions of them. */
const PEOPLE_IN_PAIRS = 20;

class Tally {
  count = 0;
  n = 0;
  add(count: number, n: number): void {
    this.count += count;
    this.n += n;
  }
  readonly share = () => shareOf(this.count, this.n);
}

const INDEX = Object.fromEntries(CATEGORIES.map((category, i) => [category, i])) as Record<Category, number>;

/** Pairs of cases, and those of them that are alike, by counting: a hundred thousand opinions on one pair are no harder. */
const two = (cases: number): number => (cases * (cases - 1)) / 2;

function counted(opinions: readonly Opinion[]): number[] {
  const counts = CATEGORIES.map(() => 0);
  for (const { category } of opinions) counts[INDEX[category]] = (counts[INDEX[category]] ?? 0) + 1;
  return counts;
}

const alike = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + two(count), 0);

/** Of distinct judgements, oldest first (`Merged.distinct`). Between people the last opinion of each counts. */
export function agreementOf(judgements: readonly Judgement[]): Agreement {
  const people = peopleIn(judgements);
  const most = [...people.keys()].slice(0, PEOPLE_IN_PAIRS);
  const tables = new Map<string, number[][]>();
  const all = new Tally();
  const tags = new Map<string, { count: number; tally: Tally }>();
  for (const { status, tags: own } of judgements)
    if (status === 'judged')
      for (const tag of new Set(own)) {
        const entry = tags.get(tag) ?? { count: 0, tally: new Tally() };
        entry.count++;
        tags.set(tag, entry);
      }

  const units: number[][] = [];
  for (const { opinions } of pairsOf(judgements)) {
    if (opinions.length < 2) continue;
    const last = lastOfEach(opinions);
    if (last.length < opinions.length) addRepeated(opinions, people);
    if (last.length < 2) continue;
    const counts = counted(last);
    units.push(counts);
    all.add(alike(counts), two(last.length));
    for (const { judgement, category } of last)
      people.get(judgement.annotator)?.others.add((counts[INDEX[category]] ?? 1) - 1, last.length - 1);
    for (const tag of new Set(opinions.flatMap(({ judgement }) => judgement.tags)))
      tags.get(tag)?.tally.add(alike(counts), two(last.length));
    addTables(last, most, tables);
  }

  return {
    percent: all.share(),
    alpha: krippendorffAlpha(units),
    shared: units.length,
    annotators: [...people].map(([annotator, { judgements, others, self, times }]): AnnotatorStats => ({
      annotator,
      judgements,
      withOthers: others.share(),
      withSelf: self.share(),
      leadTime: median(times),
    })),
    pairs: pairStats(most, tables),
    tags: [...tags]
      .map(([tag, { count, tally }]): TagStats => ({ tag, count, agreement: tally.share() }))
      .sort((a, b) => b.count - a.count || order(a.tag, b.tag)),
  };
}

interface Person {
  judgements: number;
  others: Tally;
  self: Tally;
  times: number[];
}

/** Whoever judged most first. */
function peopleIn(judgements: readonly Judgement[]): Map<string, Person> {
  const people = new Map<string, Person>();
  for (const { status, annotator, leadTime } of judgements) {
    if (status !== 'judged') continue;
    const person = people.get(annotator) ?? { judgements: 0, others: new Tally(), self: new Tally(), times: [] };
    people.set(annotator, person);
    person.judgements++;
    if (leadTime !== null) person.times.push(leadTime);
  }
  return new Map([...people].sort(([a, x], [b, y]) => y.judgements - x.judgements || order(a, b)));
}

/** With themselves: all that one person said of one pair, two by two. */
function addRepeated(opinions: readonly Opinion[], people: ReadonlyMap<string, Person>): void {
  const byPerson = new Map<string, Opinion[]>();
  for (const opinion of opinions) {
    const own = byPerson.get(opinion.judgement.annotator);
    if (own) own.push(opinion);
    else byPerson.set(opinion.judgement.annotator, [opinion]);
  }
  for (const [annotator, own] of byPerson) people.get(annotator)?.self.add(alike(counted(own)), two(own.length));
}

const keyOf = (a: number, b: number): string => `${a} ${b}`;

function addTables(last: readonly Opinion[], most: readonly string[], tables: Map<string, number[][]>): void {
  const own = new Map(last.map(({ judgement, category }) => [judgement.annotator, INDEX[category]]));
  const there = most.flatMap((annotator, at) => {
    const category = own.get(annotator);
    return category === undefined ? [] : [{ at, category }];
  });
  for (const [i, a] of there.entries()) {
    for (const b of there.slice(i + 1)) {
      const key = keyOf(a.at, b.at);
      const table = tables.get(key) ?? CATEGORIES.map(() => CATEGORIES.map(() => 0));
      tables.set(key, table);
      const row = table[a.category];
      if (row) row[b.category] = (row[b.category] ?? 0) + 1;
    }
  }
}

/** Two by two, those who share most first. */
function pairStats(most: readonly string[], tables: ReadonlyMap<string, number[][]>): PairStats[] {
  const stats: PairStats[] = [];
  for (const [i, a] of most.entries())
    for (const [j, b] of most.entries()) {
      const table = j > i ? tables.get(keyOf(i, j)) : undefined;
      if (!table) continue;
      const n = table.flat().reduce((sum, count) => sum + count, 0);
      const equal = table.reduce((sum, row, at) => sum + (row[at] ?? 0), 0);
      stats.push({ a, b, agreement: shareOf(equal, n), kappa: cohenKappa(table) });
    }
  return stats.sort((x, y) => y.agreement.n - x.agreement.n || order(x.a, y.a) || order(x.b, y.b));
}

function median(times: number[]): number | null {
  const sorted = times.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
