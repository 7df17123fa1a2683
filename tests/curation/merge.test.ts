// What merging promises whatever it is given: order does not matter, repeating changes nothing, and everything is accounted for.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeFeedback } from '../../src/curation/merge.ts';
import { writeFeedback } from '../../src/formats/feedbackFile.ts';
import { readItems } from '../../src/formats/judgements.ts';
import { DEFAULT_POLICY } from '../../src/records/preference.ts';
import { judgements, policies, source } from './judgements.ts';

const reversedKeys = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(structuredClone(value)).toReversed()) as T;

describe('for any judgements and any policy', () => {
  it('the order of files, lines and keys does not matter', () =>
    fc.assert(
      fc.property(judgements, judgements, policies, fc.func(fc.integer()), (a, b, policy, shuffle) => {
        const mixed = [...b, ...a].map((one, i) => ({ one, at: shuffle(i) })).sort((x, y) => x.at - y.at);
        const once = mergeFeedback([source(a), source(b)], policy);
        const again = mergeFeedback([source(mixed.map(({ one }) => reversedKeys(one)))], policy);
        expect({ ...again, sources: [] }).toEqual({ ...once, sources: [] });
      }),
    ));

  it('a file that is given twice adds duplicates and nothing else', () =>
    fc.assert(
      fc.property(judgements, policies, (given, policy) => {
        const once = mergeFeedback([source(given)], policy);
        const twice = mergeFeedback([source(given), source(structuredClone(given))], policy);
        expect(twice.preferences).toEqual(once.preferences);
        expect(twice.demonstrations).toEqual(once.demonstrations);
        expect(twice.counted).toEqual(once.counted);
        expect(twice.sources[1]).toMatchObject({ added: 0, duplicates: given.length });
      }),
    ));

  it('its own feedback.jsonl, read again, adds duplicates and nothing else', () =>
    fc.assert(
      fc.asyncProperty(judgements, policies, async (given, policy) => {
        const { distinct, preferences } = mergeFeedback([source(given)], policy);
        const bytes = new Blob([...writeFeedback(distinct)]).stream();
        const { items, problems } = await readItems(bytes, { name: 'feedback.jsonl' });
        expect(problems).toEqual([]);
        const read = source(items.flatMap((item) => item.judgements));
        const again = mergeFeedback([source(given), read], policy);
        expect(again.preferences).toEqual(preferences);
        expect(again.sources[1]).toMatchObject({ added: 0, duplicates: distinct.length });
      }),
    ));

  it('what was distinct, merged again, makes the same', () =>
    fc.assert(
      fc.property(judgements, policies, (given, policy) => {
        const once = mergeFeedback([source(given)], policy);
        expect(mergeFeedback([source(once.distinct)], policy).preferences).toEqual(once.preferences);
        expect(mergeFeedback([source(given), source(once.distinct)], policy).preferences).toEqual(once.preferences);
      }),
    ));

  it('the funnel adds up, and every loss says whom it concerns', () =>
    fc.assert(
      fc.property(judgements, judgements, policies, (a, b, policy) => {
        const { funnel, sources, counted, preferences } = mergeFeedback([source(a), source(b)], policy);
        const lost = (of: string): number =>
          funnel.losses.reduce((sum, loss) => sum + (loss.of === of ? loss.count : 0), 0);
        expect(funnel.judgements).toBe(a.length + b.length);
        expect(funnel.judgements).toBe(funnel.valid + lost('judgements'));
        expect(funnel.pairs).toBe(funnel.preferences + lost('pairs'));
        expect([counted.length, preferences.length]).toEqual([funnel.valid, funnel.preferences]);
        expect(sources.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(
          funnel.losses.find(({ loss }) => loss === 'duplicate')?.count ?? 0,
        );
        for (const { of, count, feedbackIds } of funnel.losses) {
          if (of === 'judgements') expect(feedbackIds).toHaveLength(count);
          else expect(feedbackIds.length).toBeGreaterThan(0);
        }
        // Whatever is counted is found again: in a preference or in the loss of its pair.
        const found = new Set(preferences.flatMap(({ feedbackIds }) => feedbackIds));
        for (const { of, feedbackIds } of funnel.losses)
          if (of === 'pairs') for (const id of feedbackIds) found.add(id);
        expect(counted.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
      }),
    ));

  it('a preference stands on judgements that say so, and its answers differ', () =>
    fc.assert(
      fc.property(judgements, policies, (given, policy) => {
        const { preferences, counted } = mergeFeedback([source(given)], policy);
        const byId = new Map(counted.map((one) => [one.id, one]));
        expect(new Set(preferences.map(({ id }) => id)).size).toBe(preferences.length);
        for (const {
          prompt,
          chosen,
          rejected,
          feedbackIds,
          votes,
          agreement,
          tie,
          edited,
          annotators,
        } of preferences) {
          expect(chosen.trim()).not.toBe(rejected.trim());
          expect(feedbackIds.length).toBeGreaterThan(0);
          expect(agreement).toBeGreaterThanOrEqual(tie ? 0.5 : policy.minAgreement);
          expect(annotators.filter((name) => policy.weights[name] === 0)).toEqual([]);
          if (!tie) expect(votes.chosen).toBeGreaterThan(votes.rejected);
          const own = feedbackIds.map((id) => byId.get(id));
          const winner = own.some((one) => {
            const at = (text: string): number => one?.responses.findIndex((r) => r.trim() === text.trim()) ?? -1;
            const lost = one?.ranks?.[at(rejected)] ?? 0;
            return tie || edited || (one?.ranks?.[at(chosen)] ?? 0) < lost;
          });
          expect(winner).toBe(true);
          expect(own.every((one) => one?.prompt === prompt)).toBe(true);
        }
      }),
    ));

  it('a higher share that must agree, or more people, never makes more preferences', () =>
    fc.assert(
      fc.property(judgements, policies, (given, policy) => {
        const count = (change: object): number =>
          mergeFeedback([source(given)], { ...policy, ...change }).preferences.length;
        const shares = [0.5, 0.6, 0.7, 0.9, 1].map((minAgreement) => count({ minAgreement }));
        const people = [1, 2, 3, 4].map((minAnnotators) => count({ minAnnotators }));
        for (const counts of [shares, people]) expect(counts.toSorted((a, b) => b - a)).toEqual(counts);
      }),
    ));

  it('answers in another order mean the same', () =>
    fc.assert(
      fc.property(judgements, policies, (given, policy) => {
        const turned = given.map((one) => ({
          ...one,
          responses: one.responses.toReversed(),
          ranks: one.ranks?.toReversed() ?? null,
          edit: one.edit && { ...one.edit, response: one.responses.length - 1 - one.edit.response },
          // Versions of one second are told apart by their content, which is another now.
          id: JSON.stringify(one),
        }));
        const plain = given.map((one) => ({ ...one, id: JSON.stringify(one) }));
        expect(mergeFeedback([source(turned)], policy).preferences).toEqual(
          mergeFeedback([source(plain)], policy).preferences,
        );
      }),
    ));

  it('answers that change places in what was said change places in what comes out', () =>
    fc.assert(
      fc.property(judgements, policies, (given, policy) => {
        const plain = given.map((one) => ({ ...one, edit: null, id: JSON.stringify(one) }));
        const opposite = plain.map((one) => ({ ...one, ranks: one.ranks?.map((rank) => 9 - rank) ?? null }));
        const sides = (all: typeof plain): string[] =>
          mergeFeedback([source(all)], policy)
            .preferences.filter(({ tie }) => !tie)
            .map(({ prompt, chosen, rejected }) => JSON.stringify([prompt, chosen, rejected]))
            .sort();
        const turned = sides(opposite).map((row) => {
          const [prompt, chosen, rejected] = JSON.parse(row) as string[];
          return JSON.stringify([prompt, rejected, chosen]);
        });
        expect(turned.sort()).toEqual(sides(plain));
      }),
    ));
});

it('one judgement of each pair is the preference', () =>
  fc.assert(
    fc.property(judgements, (given) => {
      const alone = given.map((one, i) => ({ ...one, id: `${i}`, prompt: `${i}` }));
      const { preferences } = mergeFeedback([source(alone)], DEFAULT_POLICY);
      const ranked = alone.flatMap(({ prompt, responses, ranks, verdict }) =>
        responses.flatMap((a, i) =>
          responses.flatMap((b, j) =>
            verdict === 'better' && (ranks?.[i] ?? 0) < (ranks?.[j] ?? 0) ? [JSON.stringify([prompt, a, b])] : [],
          ),
        ),
      );
      expect(
        preferences.map(({ prompt, chosen, rejected }) => JSON.stringify([prompt, chosen, rejected])).sort(),
      ).toEqual(ranked.sort());
    }),
  ));
