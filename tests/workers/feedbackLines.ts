// Feedback of two people on any number of pairs, by a rule that says what merging must make of it. As lines of feedback.jsonl.

/** Ada finds the first answer better, always; Ben does too, but of ten pairs he says the opposite of one, of others that they
 *  are as good, that both are bad, and one he skips. */
const BEN = ['second', 'tie', 'bad', 'skip', 'first', 'first', 'first', 'first', 'first', 'first'] as const;

/** Of `pairs` pairs, a multiple of ten, by majority, a tie saying nothing. */
export const expected = (pairs: number) => ({
  judgements: 2 * pairs,
  bad: pairs / 10,
  skipped: pairs / 10,
  valid: 2 * pairs - pairs / 5,
  conflict: pairs / 10,
  preferences: pairs - pairs / 10,
});

export function feedbackFile(pairs: number, name = 'feedback.jsonl', from = 0): File {
  const parts: string[] = [];
  for (let pair = from; pair < from + pairs; pair++)
    parts.push(line(pair, 'Ada', 'first') + line(pair, 'Ben', BEN[pair % 10] ?? 'first'));
  return new File(parts, name);
}

function line(pair: number, annotator: string, says: (typeof BEN)[number]): string {
  const verdict = says === 'tie' || says === 'bad' ? says : says === 'skip' ? null : 'better';
  const passage = `The harbour of town ${pair} was built in ${1500 + (pair % 500)}, and ships of all sizes lie there.`;
  const judgement = {
    id: `c${pair}/0/${annotator}`,
    prompt: `When was the harbour of town ${pair} built?\n\nContext:\n[1] ${passage}`,
    question: `When was the harbour of town ${pair} built?`,
    passages: [passage],
    responses: [`In ${1500 + (pair % 500)}, as the report says [1].`, `Nobody knows about ${pair}.`],
    status: says === 'skip' ? 'skipped' : 'judged',
    verdict,
    ranks: verdict && (says === 'first' ? [1, 2] : says === 'second' ? [2, 1] : [1, 1]),
    strength: null,
    annotator_comment: pair % 7 === 0 && annotator === 'Ada' ? 'It is said there.' : '',
    tags: pair % 3 === 0 ? ['faithful'] : [],
    edit: pair % 100 === 4 && annotator === 'Ada' ? { response: 0, text: `It was built in ${pair}.` } : null,
    flagged: false,
    annotator,
    round: 0,
    shown: pair % 2 === 0 ? [0, 1] : [1, 0],
    lead_time: 12,
    timestamp: `2026-03-0${1 + (pair % 9)}T10:00:0${annotator === 'Ada' ? 1 : 2}`,
  };
  return `${JSON.stringify(judgement)}\n`;
}
