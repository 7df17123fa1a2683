// Which prompts a PPO run practises on, in which order, and how answers are laid out and paid. No GPU.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { arraysOf, groupsOf, planSizes } from '../../../src/engine/training/ppoSizes.ts';
import { NOWHERE } from '../../../src/engine/training/batches.ts';
import { matches, practise, repetition, scoreOf } from '../../../src/engine/training/practice.ts';
import { preparePrompts, promptsOfStep, PromptsError } from '../../../src/engine/training/prompts.ts';
import type { Answer } from '../../../src/engine/training/rollout.ts';
import { Tokenizer } from '../../../src/engine/tokenizer.ts';
import { NANO } from '../../../src/records/baseModel.ts';
import { defaultPpo, type PpoConfig } from '../../../src/records/ppoConfig.ts';
import { filesIn } from '../files.ts';

const CONFIG: PpoConfig = { ...defaultPpo(NANO), batch: 8, testPrompts: 4, maxNewTokens: 16 };
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await Tokenizer.load(filesIn('public/models/nano'));
});
const asked = (n: number) => Array.from({ length: n }, (_, i) => ({ prompt: `Question ${i}?`, answer: null }));

describe('prompts', () => {
  it('are encoded as they are asked, split once, and those without room for an answer are left out and counted', () => {
    const long = { prompt: 'word '.repeat(600), answer: null };
    const { train, test, data } = preparePrompts(tokenizer, NANO, [...asked(20), long], CONFIG);
    expect(data).toMatchObject({ train: 16, test: 4, dropped: 1 });
    expect(new Set([...train, ...test].map(({ prompt }) => prompt)).size).toBe(20);
    expect(train[0]?.ids).toEqual(tokenizer.chat([{ role: 'user', content: train[0]?.prompt ?? '' }]));
    expect(() => preparePrompts(tokenizer, NANO, [long], CONFIG)).toThrow(PromptsError);
  });

  it('of other words, answers or sides are other data', () => {
    const hash = (prompts: { prompt: string; answer: string | null }[], config = CONFIG) =>
      preparePrompts(tokenizer, NANO, prompts, config).data.hash;
    const [first, ...others] = asked(20);
    const changed = [{ prompt: first?.prompt ?? '', answer: 'yes' }, ...others];
    expect(hash(changed)).not.toBe(hash(asked(20)));
    expect(hash(asked(20), { ...CONFIG, testPrompts: 5 })).not.toBe(hash(asked(20)));
    expect(hash(asked(20))).toBe(hash(asked(20)));
  });

  it('come each once before one comes again, in groups of samplesPerPrompt, by seed and step alone', () => {
    const { train } = preparePrompts(tokenizer, NANO, asked(24), { ...CONFIG, testPrompts: 0 });
    const config = { seed: 3, batch: 8, samplesPerPrompt: 2 };
    const rounds = Array.from({ length: 6 }, (_, step) => promptsOfStep(train, config, step));
    for (const round of rounds) for (let i = 0; i < 8; i += 2) expect(round[i]?.prompt).toBe(round[i + 1]?.prompt);
    const once = rounds.flat().filter((_, i) => i % 2 === 0);
    expect(new Set(once.map(({ prompt }) => prompt)).size).toBe(24);
    expect(promptsOfStep(train, config, 6)).not.toEqual(rounds[0]); // another order in the next epoch
    expect(promptsOfStep(train, { ...config, seed: 4 }, 0)).not.toEqual(rounds[0]);
  });
});

describe('microbatches', () => {
  const sequence = fc
    .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 12 }))
    .map(([start, n]) => ({ start, ids: Array.from({ length: start + n }, (_, t) => 1 + ((start + 7 * t) % 90)) }));

  it('hold every drawn token once, predicted by the position before it, and read the end of each answer', () => {
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 1, maxLength: 20 }), (sequences) => {
        const lengths = sequences.map(({ start }) => start);
        const sizes = planSizes(lengths, { maxNewTokens: 12, minibatch: sequences.length }, 256);
        const groups = groupsOf(sequences, [...sequences.keys()], sizes);
        expect(groups.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...sequences.keys()]);
        for (const group of groups) {
          const { ids, index, targets, last, offsets } = arraysOf(sequences, group);
          const drawn = group.members.flatMap((i) => sequences[i]?.ids.slice(sequences[i]?.start) ?? []);
          expect([...targets.slice(0, drawn.length)]).toEqual(drawn);
          index.forEach((at, r) => {
            if (r >= drawn.length) expect(at).toBe(NOWHERE);
            else expect(ids[at + 1]).toBe(drawn[r]);
          });
          group.members.forEach((i, b) => {
            expect(ids[last[b] ?? 0]).toBe(sequences[i]?.ids.at(-1));
            expect(targets[offsets[b] ?? 0]).toBe(sequences[i]?.ids[sequences[i]?.start ?? 0]);
          });
        }
      }),
    );
  });
});

describe('what an answer is paid', () => {
  const answer = (more: Partial<Answer> = {}): Answer => ({
    prompt: { ids: [1, 2], prompt: 'Who?\n\nContext:\n[1] Ann did it.', answer: 'Ann' },
    ids: [3, 4, 5],
    logprobs: [-1, -1, -1],
    text: ' It was Ann [1].',
    ended: true,
    ...more,
  });
  const config: PpoConfig = {
    ...CONFIG,
    rewardWeight: 2,
    rules: [{ kind: 'answer', weight: 0.5 }],
    missingEosPenalty: 1,
  };

  it('is the reward model by its weight, the rules, less what a missing end costs, and is cut', () => {
    expect(scoreOf(answer(), 1.5, config).total).toBeCloseTo(3.5, 12);
    expect(scoreOf(answer({ ended: false }), 1.5, config).total).toBeCloseTo(2.5, 12);
    expect(scoreOf(answer({ text: 'Bob.' }), null, config).total).toBe(0);
    expect(scoreOf(answer(), 1.5, { ...config, rewardClip: 2 }).total).toBe(2);
    expect(scoreOf(answer(), -90, { ...config, rewardClip: 0 }).total).toBeCloseTo(-179.5, 12);
  });

  it('matches what is known of it; nothing is said where nothing is known', () => {
    expect(matches(answer())).toBe(true);
    expect(matches(answer({ text: 'Bob.' }))).toBe(false);
    expect(matches(answer({ prompt: { ids: [1], prompt: '', answer: null } }))).toBeNull();
  });

  it('is made worth more where it is better than the others, in tokens whose advantages are 0 on the whole', () => {
    const scored = { reference: new Float32Array([-1, -1, -1]), values: new Float32Array(3), model: null };
    const answers = [answer(), answer({ text: 'Bob.' }), answer({ ended: false })];
    const { rows, metrics, kl } = practise(answers, [scored, scored, scored], { ...config, gamma: 1, lambda: 1 }, 0.1);
    const [good, bad, cut] = rows.map(({ advantages }) => advantages[0] ?? 0) as [number, number, number];
    expect(good).toBeGreaterThan(bad);
    expect(bad).toBeGreaterThan(cut);
    expect(rows.flatMap(({ advantages }) => Array.from(advantages)).reduce((a, b) => a + b)).toBeCloseTo(0, 9);
    expect(kl).toBe(0);
    expect(metrics).toMatchObject({ 'objective/eos_rate': 2 / 3, 'objective/length': 3, 'objective/kl_coef': 0.1 });
    expect(metrics['objective/scores']).toBeCloseTo((0.5 + 0 - 0.5) / 3, 12);
    expect(metrics['objective/model_score']).toBeUndefined();
  });

  it('repeats itself by the share of its trigrams that came before', () => {
    expect(repetition([1, 2, 3, 4, 5])).toBe(0);
    expect(repetition([1, 2])).toBe(0);
    expect(repetition([1, 2, 3, 1, 2, 3])).toBeCloseTo(1 / 4, 12);
  });
});
