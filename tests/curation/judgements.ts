// Judgements for tests: one written out, and any number drawn from few people, questions and answers, so that they meet.
import fc from 'fast-check';
import type { Source } from '../../src/curation/merge.ts';
import { UNKNOWN_ORIGIN } from '../../src/records/comparison.ts';
import type { Judgement } from '../../src/records/feedback.ts';
import { CONFLICTS, TIES, type MergePolicy } from '../../src/records/preference.ts';

export function judgement(given: Partial<Judgement> = {}): Judgement {
  const { prompt = 'Q?', responses = ['Yes.', 'No.'], verdict = 'better', annotator = 'Ada' } = given;
  return {
    id: `c/0/${annotator}`,
    question: prompt,
    passages: [],
    prompt,
    responses,
    origins: responses.map(() => UNKNOWN_ORIGIN),
    status: 'judged',
    verdict,
    ranks: responses.map((_, i) => (verdict === 'better' && i > 0 ? 2 : 1)),
    strength: null,
    comment: '',
    tags: [],
    edit: null,
    flagged: false,
    annotator,
    round: 0,
    shown: responses.map((_, i) => i),
    leadTime: null,
    timestamp: '2026-01-01T00:00:00',
    ...given,
  };
}

/** Says which of two answers is better: 'a' and 'b' in this order, or as good. */
export function says(annotator: string, what: 'a' | 'b' | 'tie' | 'bad', given: Partial<Judgement> = {}): Judgement {
  const better = what === 'a' || what === 'b';
  return judgement({
    annotator,
    id: `c/0/${annotator}`,
    responses: ['a', 'b'],
    verdict: better ? 'better' : what,
    ranks: what === 'a' ? [1, 2] : what === 'b' ? [2, 1] : [1, 1],
    ...given,
  });
}

export const source = (judgements: Judgement[], name = 'feedback.jsonl'): Source => ({
  fileId: name,
  name,
  format: 'atelier',
  judgements,
  invalid: [],
});

const PEOPLE = ['Ada', 'Ben', 'Cleo', ''];

const anyJudgement: fc.Arbitrary<Judgement> = fc
  .record({
    id: fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8', '9'),
    prompt: fc.constantFrom('P', 'Q'),
    responses: fc.uniqueArray(fc.constantFrom('a', 'b ', 'ccc', ' b', 'a\n'), {
      minLength: 2,
      maxLength: 3,
      selector: (text) => text.trim(),
    }),
    what: fc.constantFrom('better', 'better', 'better', 'tie', 'bad', 'skipped'),
    best: fc.nat(),
    other: fc.nat(2),
    strength: fc.constantFrom(null, 1, 2, 3),
    comment: fc.constantFrom('', 'short', 'wrong'),
    edit: fc.option(fc.constantFrom('a', 'ccc', 'd', ''), { freq: 2 }),
    annotator: fc.constantFrom(...PEOPLE),
    second: fc.nat(3),
  })
  .map(({ what, best, other, edit, second, responses, ...rest }) => {
    const ranks = responses.map((_, i) => (i === best % responses.length ? 1 : i === 2 ? 2 + other : 2));
    const verdict = what === 'better' || what === 'tie' || what === 'bad' ? what : null;
    return judgement({
      ...rest,
      responses,
      status: verdict === null ? 'skipped' : 'judged',
      verdict,
      ranks: verdict === 'better' ? ranks : verdict && responses.map(() => 1),
      edit: edit === null ? null : { response: best % responses.length, text: edit },
      timestamp: `2026-01-01T00:00:0${second}`,
    });
  });

export const judgements = fc.array(anyJudgement, { maxLength: 14 });

export const policies: fc.Arbitrary<MergePolicy> = fc.record({
  conflicts: fc.constantFrom(...CONFLICTS),
  ties: fc.constantFrom(...TIES),
  minAgreement: fc.constantFrom(0.5, 0.6, 0.75, 1),
  minAnnotators: fc.constantFrom(1, 1, 2, 3),
  edits: fc.constantFrom('apart', 'chosen'),
  weights: fc.constantFrom<Record<string, number>>({}, { Ada: 0 }, { Ada: 0.1, Ben: 0.2, Cleo: 0.3 }, { '': 2 }),
});
