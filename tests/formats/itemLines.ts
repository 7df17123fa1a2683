// Files of judgements for tests: lines written out and read back, and judgements of every kind drawn at random.
import fc from 'fast-check';
import { readItems, type ItemsRead } from '../../src/formats/judgements.ts';
import type { Origin } from '../../src/records/comparison.ts';
import { ranksOf, VERDICTS, type Judgement } from '../../src/records/feedback.ts';

/** In pieces of `size` bytes, so that lines and characters are cut anywhere. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const readText = (text: string, name = 'anna.jsonl', size = 997): Promise<ItemsRead> =>
  readItems(pieces(new TextEncoder().encode(text), size), { name });

export const readLines = (...values: unknown[]): Promise<ItemsRead> =>
  readText(values.map((value) => JSON.stringify(value)).join('\n'));

export const judgementsOf = ({ items }: ItemsRead): Judgement[] => items.flatMap(({ judgements }) => judgements);

/** What is said of the only line, in a file where it stands between two good ones: neither of them may suffer. */
export async function problemOf(line: unknown): Promise<string> {
  const good = { prompt: 'Q', responses: ['Yes', 'No'] };
  const text = [good, line, good].map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
  const { items, problems } = await readText(text);
  const [only] = problems;
  if (problems.length !== 1 || only?.line !== 2 || items[0]?.line !== 1 || items.at(-1)?.line !== 3)
    throw new Error(`expected one problem of line 2, got ${JSON.stringify({ problems, items })}`);
  return only.problem;
}

/** As a file can hold it: what is no Unicode is escaped by JSON, so anything goes. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('<script>alert(1)</script>', '\ud800'),
);
const filledText = anyText.filter((text) => text.trim() !== '');
const origin = fc.record<Origin>({
  name: fc.option(anyText),
  generationId: fc.option(anyText),
  adapterId: fc.option(anyText),
  seed: fc.option(fc.nat()),
});
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19));

function decision(n: number): fc.Arbitrary<Pick<Judgement, 'status' | 'verdict' | 'ranks'>> {
  const alike = (ranks: number[]): boolean => ranks.every((rank) => rank === ranks[0]);
  const ranks = fc.array(fc.integer({ min: 1, max: n }), { minLength: n, maxLength: n });
  return fc.oneof(
    fc.constant({ status: 'skipped' as const, verdict: null, ranks: null }),
    fc
      .constantFrom(...VERDICTS.slice(1))
      .map((verdict) => ({ status: 'judged' as const, verdict, ranks: ranksOf(n, null) })),
    ranks
      .filter((drawn) => !alike(drawn))
      .map((drawn) => ({ status: 'judged' as const, verdict: 'better' as const, ranks: drawn })),
  );
}

export const anyJudgement = ({ most = 5 } = {}): fc.Arbitrary<Judgement> =>
  fc.uniqueArray(filledText, { minLength: 2, maxLength: most, selector: (text) => text.trim() }).chain((responses) => {
    const n = responses.length;
    const known = fc.record({
      id: filledText,
      question: filledText,
      passages: fc.array(anyText, { maxLength: 3 }),
      prompt: filledText,
      origins: fc.array(origin, { minLength: n, maxLength: n }),
      strength: fc.option(fc.constantFrom(1 as const, 2 as const, 3 as const)),
      comment: anyText,
      tags: fc.array(anyText, { maxLength: 3 }),
      edit: fc.option(fc.record({ response: fc.nat(n - 1), text: anyText })),
      flagged: fc.boolean(),
      annotator: anyText,
      round: fc.nat(3),
      shown: fc.option(
        fc.shuffledSubarray(
          responses.map((_, i) => i),
          { minLength: n, maxLength: n },
        ),
      ),
      leadTime: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0)),
      timestamp: time,
    });
    return fc.tuple(known, decision(n)).map(([base, decided]) => ({ ...base, ...decided, responses }));
  });
