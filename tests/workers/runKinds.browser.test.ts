// Runs of reward models and of PPO in the browser's storage: what they learn from, what they leave, killed and resumed.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultPpo, type PpoConfig } from '../../src/records/ppoConfig.ts';
import { PREFERENCE_VERSION, type Preference } from '../../src/records/preference.ts';
import { defaultReward, type RewardConfig } from '../../src/records/rewardConfig.ts';
import {
  checkpointPath,
  RUN_VERSION,
  type PpoRun,
  type RewardRun,
  type Run,
  type RunEvent,
} from '../../src/records/run.ts';
import { deleteAllFiles, readFile } from '../../src/storage/files.ts';
import { addPrompts } from '../../src/storage/prompts.ts';
import { readAdapter, removeAdapter } from '../../workers/adapters.ts';
import type { TrainEvent } from '../../workers/api.ts';
import { database } from '../../workers/database.ts';
import { scoreTexts } from '../../workers/scoring.ts';
import { Training } from '../../workers/training.ts';
import { filesIn } from '../engine/files.ts';

const SLOW = 240_000; // pipelines are compiled on the processor here
const PROJECT = 'kinds';
const createdAt = '2026-01-01T00:00:00.000Z';
const SMALL = { rank: 1, targets: ['q_proj'] as const, learningRate: 0.01, warmup: 0 };
const REWARD: RewardConfig = {
  ...defaultReward(NANO),
  ...SMALL,
  ...{ batch: 2, steps: 3, maxLength: 24, testShare: 0.4, evalEvery: 0, checkpointEvery: 1 },
};
const PPO: PpoConfig = {
  ...defaultPpo(NANO),
  ...SMALL,
  ...{ batch: 2, steps: 2, maxNewTokens: 4, ppoEpochs: 1, testPrompts: 1, sampleEvery: 0, checkpointEvery: 1 },
  ...{ rules: [{ kind: 'contains', text: 'e', weight: 1 }], pauseOnAlarm: false },
};

let engine: Engine;
let training: Training;
beforeAll(async () => {
  engine = new Engine(() => undefined, undefined, readAdapter);
  training = new Training(engine);
  await engine.load(NANO, filesIn('public/models/nano'));
  await deleteAllFiles();
  const db = await database();
  await db.put('projects', { id: PROJECT, name: PROJECT, createdAt, updatedAt: createdAt, version: 1 } as never);
  for (let i = 0; i < 10; i++) await db.put('preferences', preference(i));
  await db.put('preferenceEdits', { projectId: PROJECT, id: 'pair 9', excluded: true, editedAt: createdAt });
  const lines = ['Say one.', 'Say two.', 'Say three.', 'Say four.'];
  await addPrompts(
    db,
    PROJECT,
    lines.map((prompt) => ({ prompt, answer: null, source: 'test', createdAt })),
  );
}, SLOW);
afterAll(() => engine.dispose());

function preference(i: number): Preference {
  return {
    ...{ projectId: PROJECT, id: `row ${i}`, pair: `pair ${i}`, prompt: `Say ${i}.`, question: `Say ${i}.` },
    ...{ chosen: `It is ${i}.`, rejected: 'No idea at all.', comment: '', timestamp: `2026-01-01T00:00:0${i}` },
    ...{ feedbackIds: [], annotators: [], tags: [], votes: { chosen: 1, rejected: 0, ties: 0 }, agreement: 1 },
    ...{ margin: null, tie: false, edited: false, version: PREFERENCE_VERSION },
  };
}

const unstarted = (id: string) =>
  ({
    ...{ id, projectId: PROJECT, name: `run ${id}`, modelId: NANO.id, modelSha256: NANO.sha256, status: 'running' },
    ...{ problem: '', step: 0, steps: 0, samples: [], data: null, plan: null, checkpoint: null, adapterId: null },
    ...{ createdAt, endedAt: null, trainedMs: 0, version: RUN_VERSION },
  }) satisfies Omit<Run, 'kind' | 'config'>;
async function rewardRun(id: string, config: Partial<RewardConfig> = {}): Promise<void> {
  const run: RewardRun = { ...unstarted(id), kind: 'reward', config: { ...REWARD, ...config } };
  await (await database()).put('runs', run);
}
async function ppoRun(id: string, config: Partial<PpoConfig> = {}): Promise<void> {
  const run: PpoRun = { ...unstarted(id), kind: 'ppo', config: { ...PPO, ...config } };
  await (await database()).put('runs', run);
}

const logOf = async (id: string): Promise<RunEvent[]> =>
  (await database()).getAll('runEvents', IDBKeyRange.bound([id, 0], [id, Infinity]));
const texts = (log: RunEvent[]) => log.flatMap((e) => (e.kind === 'log' ? [e.text] : []));
/** What the run computed; its speed is another each time. */
const figures = (log: RunEvent[]) =>
  log.flatMap((e) => {
    if (e.kind !== 'metrics') return [];
    const { tokens_per_second: _, rollout_tokens_per_second: __, ...values } = e.values;
    return [[e.step, values]];
  });

/** Pauses it after a step, and leaves it as a worker that is killed there would. */
async function killAt(id: string, step: number): Promise<void> {
  const paused = await training.train(id, (event: TrainEvent) => {
    if (event.kind === 'run' && event.run.step >= step) training.end(id, 'pause');
  });
  expect(paused).toMatchObject({ status: 'paused', problem: '' });
  expect(paused.step).toBeLessThan(paused.steps);
  await (await database()).put('runs', { ...paused, status: 'running', step: 99 });
}

beforeEach(async () => {
  expect(training.runId).toBeNull();
});

test(
  'a reward run leaves a model with a head and what it is worth, on the rows that nobody has left out',
  async () => {
    await rewardRun('reward');
    const run = await training.train('reward', () => undefined);
    expect(run).toMatchObject({
      status: 'done',
      problem: '',
      step: 3,
      steps: 3,
      adapterId: 'reward',
      checkpoint: null,
    });
    const { train = 0, test: tested = 0 } = run.data ?? {};
    expect(train + tested).toBe(9);
    expect(tested).toBeGreaterThan(0);
    const db = await database();
    expect(await db.get('adapters', 'reward')).toMatchObject({
      taskType: 'SEQ_CLS',
      name: 'run reward',
      runId: 'reward',
    });
    expect((await readAdapter('reward')).head).toHaveLength(128);
    const quality = await db.get('rewardQualities', 'reward');
    expect(quality).toMatchObject({ projectId: PROJECT, trained: train, longerChosen: { of: train } });
    expect(quality?.pairs).toHaveLength(tested);
    expect(quality?.pairs.map(({ id }) => id)).not.toContain('row 9');
    expect(quality?.std).toBeGreaterThan(0);
    // The same scores as anybody gets who asks for them.
    const [pair] = quality?.pairs ?? [];
    const { prompt = '', chosen = '', rejected = '' } = pair ?? {};
    const asked = [chosen, rejected, 'word '.repeat(2000)].map((completion) => ({ prompt, completion }));
    const [a, b, long] = await scoreTexts(engine, 'reward', asked, () => undefined);
    expect(a).toBeCloseTo(pair?.chosenScore ?? Number.NaN, 4);
    expect(b).toBeCloseTo(pair?.rejectedScore ?? Number.NaN, 4);
    expect(long).toBeNull();
    expect(await readFile(checkpointPath('reward'))).toBeNull();
  },
  SLOW,
);

test(
  'killed and resumed, it leaves the curve, the model and the scores of the run that was not',
  async () => {
    await rewardRun('resumed');
    await killAt('resumed', 1);
    const run = await training.train('resumed', () => undefined);
    expect(run).toMatchObject({ status: 'done', problem: '' });
    const [log, calm] = [await logOf('resumed'), await logOf('reward')];
    expect(texts(log)).toContain('resumed');
    expect(figures(log)).toEqual(figures(calm));
    expect(await readAdapter('resumed')).toEqual(await readAdapter('reward'));
    const db = await database();
    const [one, other] = [await db.get('rewardQualities', 'resumed'), await db.get('rewardQualities', 'reward')];
    expect(one?.pairs).toEqual(other?.pairs);
  },
  SLOW,
);

test(
  'cut off while its model is judged, it is paused, not done; it goes on to its end without another step',
  async () => {
    await rewardRun('judged');
    const cut = await training.train('judged', (event) => {
      if (event.kind === 'doing' && event.what === 'scoring') training.end('judged', 'pause');
    });
    expect(cut).toMatchObject({ status: 'paused', step: 3, adapterId: null, checkpoint: { step: 3 } });
    expect(await (await database()).get('rewardQualities', 'judged')).toBeUndefined();
    const steps: number[] = [];
    const run = await training.train('judged', (event) => {
      if (event.kind === 'event' && event.event.kind === 'metrics') steps.push(event.event.step);
    });
    expect(run).toMatchObject({ status: 'done', adapterId: 'judged' });
    expect(steps).toEqual([]);
    expect(await (await database()).get('rewardQualities', 'judged')).toBeDefined();
    await removeAdapter('judged');
    expect(await (await database()).get('rewardQualities', 'judged')).toBeUndefined(); // it goes with its model
  },
  SLOW,
);

test('a reward model does not answer, an adapter that answers does not score', async () => {
  const row = { promptIds: [5, 6, 7], sampling: { maxNewTokens: 1 }, adapterId: 'reward' } as never;
  await expect(engine.generate('ask', [row], () => undefined)).rejects.toThrow(/got a reward model, which scores/);
});

test(
  'a PPO run leaves the policy under the name of its base; killed and resumed, the same to the bit',
  async () => {
    await ppoRun('ppo', { rewardAdapterId: 'reward' });
    const run = await training.train('ppo', () => undefined);
    expect(run).toMatchObject({ status: 'done', problem: '', step: 2, adapterId: 'ppo', data: { train: 3, test: 1 } });
    const db = await database();
    expect(await db.get('adapters', 'ppo')).toMatchObject({ taskType: 'CAUSAL_LM', name: 'nano-rlhf' });
    const log = await logOf('ppo');
    expect(log.some(({ kind }) => kind === 'rollouts')).toBe(true);

    await ppoRun('again', { rewardAdapterId: 'reward' });
    await killAt('again', 1);
    expect(await training.train('again', () => undefined)).toMatchObject({ status: 'done', problem: '' });
    expect(figures(await logOf('again'))).toEqual(figures(log));
    expect((await readAdapter('again')).values).toEqual((await readAdapter('ppo')).values);
    await expect(scoreTexts(engine, 'ppo', [{ prompt: 'a', completion: 'b' }], () => undefined)).rejects.toThrow(
      /must have a head that scores/,
    );
  },
  SLOW,
);

test(
  'a serious alarm pauses a PPO run, says which one, and the run goes on knowingly to its end',
  async () => {
    const wild = { learningRate: 0.1, klCoef: 0, klTarget: 0.1, batch: 4, steps: 3, pauseOnAlarm: true };
    await ppoRun('alarmed', wild);
    const paused = await training.train('alarmed', () => undefined);
    expect(paused).toMatchObject({ status: 'paused', problem: '', adapterId: null });
    expect(paused.step).toBeLessThan(3);
    expect(paused.checkpoint?.step).toBe(paused.step);
    const log = await logOf('alarmed');
    const [alarm] = log.flatMap((e) => (e.kind === 'alarm' && e.serious ? [e] : []));
    expect(alarm).toMatchObject({ step: paused.step });
    expect(log.at(-1)).toMatchObject({ kind: 'log', text: 'alarmed', detail: alarm?.alarm, step: paused.step });

    expect(await training.train('alarmed', () => undefined)).toMatchObject({ status: 'done', step: 3, problem: '' });
    const whole = await logOf('alarmed');
    expect(whole.slice(0, log.length)).toEqual(log);
    expect(texts(whole.slice(log.length))).toEqual(['resumed', 'done']);
    expect(whole.filter((e) => e.kind === 'alarm' && e.alarm === alarm?.alarm && e.serious)).toEqual([alarm]);

    await ppoRun('heedless', { ...wild, pauseOnAlarm: false });
    expect(await training.train('heedless', () => undefined)).toMatchObject({ status: 'done', step: 3 });
    expect(figures(await logOf('heedless'))).toEqual(figures(whole));
    expect((await readAdapter('heedless')).values).toEqual((await readAdapter('alarmed')).values);
  },
  SLOW,
);

test(
  'what PPO lacks is said in words, before it is started and when it is',
  async () => {
    const problemOf = async (config: Partial<PpoConfig>) =>
      (await training.forecastPpo(PROJECT, { ...PPO, ...config })).problem ?? '';
    expect(await problemOf({ rules: [] })).toMatch(/a reward model or a rule must say what is good/);
    expect(await problemOf({ startAdapterId: 'reward' })).toMatch(/must start from an adapter that answers/);
    expect(await problemOf({ rewardAdapterId: 'gone' })).toMatch(/gone must be kept here/);
    expect(await problemOf({ memoryBudget: 0.01 })).toMatch(/^memory: .* must fit/);
    expect((await training.forecastPpo('nothing', PPO)).problem).toMatch(/^prompts: at least one/);
    await ppoRun('lacking', { startAdapterId: 'reward' });
    const run = await training.train('lacking', () => undefined);
    expect(run).toMatchObject({ status: 'failed', adapterId: null });
    expect(run.problem).toMatch(/must start from an adapter that answers/);
  },
  SLOW,
);

test(
  'forecasts count pairs and prompts, and name the memory that the run then plans',
  async () => {
    const reward = await training.forecastReward(PROJECT, REWARD);
    const plan = (await (await database()).get('runs', 'reward'))?.plan;
    expect(reward).toMatchObject({ steps: 3, problem: null, plan: { hash: plan?.hash, bytes: plan?.bytes } });
    expect(reward.data.train + reward.data.test).toBe(9);
    expect(reward.stepMs).toBeGreaterThan(0);
    expect((await training.forecastReward('nothing', REWARD)).problem).toMatch(/^pairs: at least one/);
    const ppo = await training.forecastPpo(PROJECT, { ...PPO, rewardAdapterId: 'reward' });
    const ppoPlan = (await (await database()).get('runs', 'ppo'))?.plan;
    expect(ppo).toMatchObject({ steps: 2, problem: null, plan: { bytes: ppoPlan?.bytes } });
    const longer = await training.forecastPpo(PROJECT, { ...PPO, rewardAdapterId: 'reward', maxNewTokens: 40 });
    expect(longer.stepMs).toBeGreaterThan(ppo.stepMs);
  },
  SLOW,
);
