// One whole PPO update over fixed rollouts is torch's and peft's: scoring, rewards, advantages, both losses, clip and AdamW.
// Rows of unlike length, one cut, one that is its end token alone. What is broken on purpose must show.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { PpoPlan } from '../../src/engine/training/ppoPasses.ts';
import { Roles } from '../../src/engine/training/ppoRoles.ts';
import { planSizes } from '../../src/engine/training/ppoSizes.ts';
import { PpoStep, type Practice, type Scored, type UpdateMetrics } from '../../src/engine/training/ppoStep.ts';
import { practise } from '../../src/engine/training/practice.ts';
import type { Answer } from '../../src/engine/training/rollout.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultPpo, type PpoConfig } from '../../src/records/ppoConfig.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';
import { distance } from './loraGoldens.ts';
import { ppoGolden, type PpoCase, type PpoGolden, type Role } from './ppoGoldens.ts';

let gpu: Gpu;
let model: Llama;
let golden: PpoGolden;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  model = await loadLlama(gpu, filesIn('tests/goldens/llama'));
  golden = await ppoGolden();
});
afterAll(() => gpu.destroy());

const flat = (role: Role, which?: string): Float32Array<ArrayBuffer> => golden.adapter(model.config, role, which);
const head = (which?: string): Float32Array<ArrayBuffer> => golden.head(which).slice();
/** By what an update leaves. */
type Figure = 'policyLoss' | 'valueLoss' | 'clipped' | 'ratio' | 'approxKl' | 'drift' | 'valueClipped' | 'norm';
const FIGURES: readonly Figure[] = [
  ...(['policyLoss', 'valueLoss', 'clipped', 'ratio', 'approxKl', 'drift', 'valueClipped', 'norm'] as const),
];

interface Fault {
  config?: Partial<PpoConfig>;
  answers?: (answers: Answer[]) => Answer[];
  rows?: (rows: Practice[]) => Practice[];
  optimizer?: Partial<PpoGolden['optimizer']>;
}

interface Updated {
  scored: Scored[];
  rows: Practice[];
  scores: number[];
  kl: number;
  told: UpdateMetrics;
  after: Record<string, Float32Array<ArrayBuffer>>;
}

async function finish<T>(work: AsyncGenerator<unknown, T, void>): Promise<T> {
  for (;;) {
    const next = await work.next();
    if (next.done) return next.value;
  }
}

/** The whole way from the rows to the weights after the update. `most` positions of a microbatch. */
async function update({ config: own }: PpoCase, fault: Fault = {}, most?: number): Promise<Updated> {
  const config: PpoConfig = {
    ...{ ...defaultPpo(NANO), ...golden.settings.policy, rewardWeight: 1, rules: [], maxNewTokens: 6, ...own },
    ...fault.config,
  };
  const state = {
    ...{ adapter: flat('policy'), 'adapter.m': flat('policy', ' m'), 'adapter.v': flat('policy', ' v') },
    ...{ valueAdapter: flat('value'), 'valueAdapter.m': flat('value', ' m'), 'valueAdapter.v': flat('value', ' v') },
    ...{ valueHead: head(), 'valueHead.m': head(' m'), 'valueHead.v': head(' v') },
  };
  const reward = { settings: golden.settings.value, values: flat('value'), head: head() };
  const resume = { step: 3, tensors: state, facts: {} };
  const roles = new Roles(gpu, model, { config, start: null, reward, resume });
  const lengths = golden.rows.map(({ prompt }) => prompt.length);
  const sizes = planSizes(lengths, { maxNewTokens: 6, minibatch: lengths.length }, most);
  const step = await stepOf(new PpoPlan(gpu, model, { roles, sizes, config, maxLogits: 4 * 97 * 8 }));
  try {
    const given = golden.rows.map(({ prompt, completion, ended, logprobs }): Answer => {
      const asked = { ids: prompt, prompt: '', answer: null };
      return { prompt: asked, ids: completion, logprobs, text: '', ended };
    });
    const answers = fault.answers?.(given) ?? given;
    const sequences = answers.map(({ prompt, ids }) => ({ ids: [...prompt.ids, ...ids], start: prompt.ids.length }));
    const scored = await finish(step.score(sequences, {}));
    if (!scored) throw new Error('score: nobody aborted it, got null');
    const known = golden.rows.map(({ score, values }, i) => {
      const { reference } = scored[i] as Scored;
      return { reference, values: Float32Array.from(values), model: score };
    });
    const practised = practise(answers, known, config, config.klCoef);
    const rows = fault.rows?.(practised.rows) ?? practised.rows;
    const { learningRate: lr, ...optimizer } = { ...golden.optimizer, ...fault.optimizer };
    const told = await finish(step.update(rows, [...rows.keys()], { ...optimizer, lr }, {}));
    const { kl, scores } = practised;
    return { scored, rows, scores: scores.map(({ total }) => total), kl, told, after: await roles.read() };
  } finally {
    step.dispose();
    roles.dispose();
  }
}

async function stepOf(plan: PpoPlan): Promise<PpoStep> {
  return new PpoStep(plan, await plan.compile());
}

/** How far the update is from torch's, as a share of torch's. */
function missed({ after }: Updated, number: number): number {
  const moved = (now: ArrayLike<number>, from: Float32Array): Float32Array => from.map((x, i) => (now[i] ?? 0) - x);
  const of = (name: string, from: Float32Array, to: Float32Array): number =>
    distance(moved(after[name] ?? [], from), moved(to, from));
  return Math.max(
    of('adapter', flat('policy'), flat('policy', ` new ${number}`)),
    of('valueAdapter', flat('value'), flat('value', ` new ${number}`)),
    of('valueHead', head(), head(` new ${number}`)),
  );
}
const caseOf = (number: number): PpoCase => golden.cases[number] as PpoCase;

describe.each([0, 1])('case %s', (number) => {
  let done: Updated;
  beforeAll(async () => {
    done = await update(caseOf(number));
  });

  it("the reference and the value say what torch's say", () => {
    const { reference, values } = caseOf(number);
    expect(
      distance(
        done.scored.flatMap((one) => [...one.reference]),
        reference.flat(),
      ),
    ).toBeLessThan(1e-4);
    expect(
      distance(
        done.scored.flatMap((one) => [...one.values]),
        values.flat(),
      ),
    ).toBeLessThan(1e-4);
  });

  it('scores, KL, advantages and returns are equal', () => {
    const { scores, klOfAnswer, advantages, returns } = caseOf(number);
    expect(distance(done.scores, scores)).toBeLessThan(1e-9);
    expect(done.kl).toBeCloseTo(klOfAnswer, 4);
    expect(
      distance(
        done.rows.flatMap((row) => Array.from(row.advantages)),
        advantages.flat(),
      ),
    ).toBeLessThan(1e-4);
    expect(
      distance(
        done.rows.flatMap((row) => Array.from(row.returns)),
        returns.flat(),
      ),
    ).toBeLessThan(1e-4);
  });

  it('losses, shares and the norm are equal', () => {
    const { told } = done;
    const found = [...FIGURES.map((name) => told[name]), told.entropy];
    const expected = [...FIGURES.map((name) => caseOf(number)[name]), caseOf(number).meanEntropy];
    found.forEach((x, i) =>
      expect(Math.abs(x - (expected[i] ?? 0))).toBeLessThan(1e-4 * Math.max(1, expected[i] ?? 0)),
    );
  });

  it('weights move as they do there, in one microbatch or in several', async () => {
    expect(missed(done, number)).toBeLessThan(1e-4);
    expect(missed(await update(caseOf(number), {}, 32), number)).toBeLessThan(1e-4);
  });
});

it.each<[string, Fault]>([
  ['the score is paid to an answer that did not end as if it had', { config: { missingEosPenalty: 0 } }],
  ['the KL costs nothing', { config: { klCoef: 0 } }],
  ['the other estimator of the KL', { config: { klEstimator: 'k3' } }],
  ['scores are not cut', { config: { rewardClip: 0 } }],
  ['rewards are whitened', { config: { whitenRewards: true } }],
  ['advantages reach less far', { config: { lambda: 0.5 } }],
  ['the ratio may go further', { config: { clipRange: 0.5 } }],
  ['the value may go further', { config: { valueClip: 10 } }],
  ['the value counts more', { config: { valueCoef: 0.2 } }],
  ['another temperature', { config: { temperature: 0.9 } }],
  ['entropy is paid', { config: { entropyCoef: 0.2 } }],
  [
    'old log-probs of the neighbour',
    { answers: (all) => all.map((a) => ({ ...a, logprobs: a.logprobs.toReversed() })) },
  ],
  [
    'advantages stand one token late',
    { rows: (all) => all.map((row) => ({ ...row, advantages: [0, ...Array.from(row.advantages).slice(0, -1)] })) },
  ],
  ['no clip of the norm', { optimizer: { clip: 0 } }],
  ['no weight decay', { optimizer: { weightDecay: 0 } }],
  ['the first step of the optimizer again', { optimizer: { step: 1 } }],
])('a fault shows: %s', async (_, fault) => {
  expect(missed(await update(caseOf(0), fault), 0)).toBeGreaterThan(1e-3);
});
