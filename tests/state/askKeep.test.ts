// An answer that the engine has given is kept, with what describes it or without.
import { expect, it } from 'vitest';
import { NANO } from '../../src/records/baseModel.ts';
import type { Passage } from '../../src/records/generation.ts';
import type { DeviceReport } from '../../src/records/report.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { described, generationsOf, type Answered, type Description } from '../../src/state/askKeep.ts';

const evidence: Passage = { documentId: 'd', documentName: 'a.md', start: 0, end: 5, text: 'Anna.' };
const row = { ids: [2], logprobs: [-0.5], finish: 'eos' as const, tokensPerSecond: 1, firstTokenMs: 1 };
const answered: Answered = {
  live: {
    askId: 'ask',
    projectId: 'p',
    question: 'Who?',
    step: 'keep',
    choice: { kept: [], leftOut: [] },
    passages: [{ ...evidence, page: 3, headings: ['A', 'B'] }, evidence],
    matched: true,
    wordsOnly: null,
    searchProblem: '',
    prompt: { prompt: 'Who?\n\nContext:\n[1] Anna.', ids: [1], cutTokens: 3 },
    answers: [],
    lossesBefore: 0,
    stopping: false,
    problem: null,
  },
  rows: [
    { ...row, text: 'Anna.' },
    { ...row, text: ' ' },
  ],
  answerers: [
    { sampling: defaultSampling(), adapterId: null },
    { sampling: { ...defaultSampling(), seed: 2 }, adapterId: 'a' },
  ],
  model: NANO,
};
const device = async (): Promise<DeviceReport> =>
  ({ adapter: { description: '', architecture: 'swiftshader' }, kernelPlan: 'abc' }) as DeviceReport;
const failing = (): Promise<never> => Promise.reject(new Error('the worker is gone'));

const keep = (given: Answered, look: Description) => described(generationsOf(given), look);

it('can be kept before anything is looked up', () => {
  expect(generationsOf(answered)).toMatchObject([
    { text: 'Anna.', completionIds: [2], adapterId: null, device: '', evidence: null },
    { text: ' ', adapterId: 'a', device: '', evidence: null },
  ]);
});

it('is kept with its device and the sentence of the texts that matches it', async () => {
  const asked: [string, string[]][] = [];
  const kept = await keep(answered, {
    device,
    evidence: async (text, documentIds) => (asked.push([text, documentIds]), evidence),
  });
  expect(kept).toMatchObject([
    { text: 'Anna.', device: 'swiftshader · abc', evidence, cutTokens: 3, promptIds: [1], modelId: NANO.id },
    { text: ' ', device: 'swiftshader · abc', evidence: null, sampling: { seed: 2 } },
  ]);
  expect(asked).toEqual([['Anna.', ['d']]]); // once for each document; nothing can match an empty answer
  expect((kept[0]?.createdAt ?? '') < (kept[1]?.createdAt ?? '')).toBe(true);
});

it('is kept with the page and the headings of each passage, and with what was left out', async () => {
  const leftOut = [{ documentId: 'd', start: 9, end: 20 }];
  const live = { ...answered.live, choice: { kept: [], leftOut } };
  const [kept] = await keep({ ...answered, live }, { device, evidence: async () => null });
  expect(kept).toMatchObject({ passages: [{ page: 3, headings: ['A', 'B'] }, {}], leftOut });
  const [plain] = await keep(answered, { device, evidence: async () => null });
  expect(plain).not.toHaveProperty('leftOut');
});

it.each([
  ['the device', { device: failing, evidence: async () => evidence }, { device: '', evidence }],
  ['the texts', { device, evidence: failing }, { device: 'swiftshader · abc', evidence: null }],
  ['the threads', { device: failing, evidence: failing }, { device: '', evidence: null }],
  [
    'a thread at once',
    {
      device,
      evidence: () => {
        throw new Error('no more workers');
      },
    },
    { device: 'swiftshader · abc', evidence: null },
  ],
])('is kept when %s cannot be asked', async (_, describe, expected) => {
  const kept = await keep(answered, describe);
  expect(kept[0]).toMatchObject({ text: 'Anna.', completionIds: [2], ...expected });
});
