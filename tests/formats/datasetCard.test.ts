// The card of a dataset: a head that the Hub reads whatever the project is called, figures as they were measured.
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../../src/curation/agreement.ts';
import { biasOf } from '../../src/curation/bias.ts';
import { mergeFeedback } from '../../src/curation/merge.ts';
import { datasetCard } from '../../src/formats/datasetCard.ts';
import { DEFAULT_POLICY, type MergePolicy } from '../../src/records/preference.ts';
import { says, source } from '../curation/judgements.ts';

const JUDGED = [
  says('Ada', 'a', { id: '1', prompt: 'Q1' }),
  says('Ben', 'a', { id: '2', prompt: 'Q1' }),
  says('Ada', 'a', { id: '3', prompt: 'Q2' }),
  says('Ben', 'b', { id: '4', prompt: 'Q2' }),
];

function card(name: string, policy: MergePolicy = DEFAULT_POLICY): string {
  const { funnel, preferences, distinct } = mergeFeedback([source(JUDGED)], policy);
  return datasetCard({
    name,
    mergedAt: '2026-03-20T10:00:00.000Z',
    rows: preferences.map((row) => ({ ...row, split: 'test' as const, changed: false })),
    excluded: 3,
    demonstrations: 2,
    split: { seed: 7, testShare: 0.1 },
    report: { policy, funnel, agreement: agreementOf(distinct), bias: biasOf(distinct) },
  });
}

describe('the card', () => {
  it('tells counts, losses, agreement and bias', () => {
    const text = card('Harbours');
    for (const line of [
      '| Preferences | 1 |',
      '| for testing | 1 |',
      '| Left out by hand | 3 |',
      '| Judgements read | 4 |',
      '| left out: people differ | 1 |',
      '| Two people agree | 50 % (9.5 % to 90.5 %) of 2 |',
      '| `split` | train or test |',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).toContain('with seed 7, 10 % of questions for testing');
    expect(text).toMatch(/\| The answer on the left was preferred \| 75 % \([\d.]+ % to [\d.]+ %\) of 4 \|/);
  });

  it('says what every column means', () => {
    expect(card('Harbours')).not.toMatch(/^\| `\w+` \|\s*\|$/m);
  });

  it('tells the policy and its weights', () => {
    const text = card('Harbours', { ...DEFAULT_POLICY, conflicts: 'weighted', ties: 'margin', weights: { 'A|da': 2 } });
    expect(text).toContain('- Where people differ, votes weigh by how much better');
    expect(text).toContain('kept with margin 0.');
    expect(text).toContain('- Weights: A\\|da 2; others 1.');
  });

  it('keeps its head whole, whatever the project is called', () => {
    const name = 'A: "b"\n---\nlicense: mit # |<script>alert(1)</script>';
    const [, head = '', ...rest] = card(name).split(/^---$/m);
    expect(head).toContain(`pretty_name: ${JSON.stringify(name.replaceAll('\n', ' '))}\n`);
    expect(head).toContain('# license: choose one before you publish\n');
    expect(rest.join('')).not.toContain('<script>'); // unescaped
    expect(head.match(/^license:/m)).toBeNull();
  });
});
