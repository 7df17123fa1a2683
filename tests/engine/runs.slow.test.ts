// Training through the engine, on a tiny random model: answers between steps, lost devices, adapters that answer.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine, type EngineEvent } from '../../src/engine/engine.ts';
import { initialLora, loraParts } from '../../src/engine/lora.ts';
import type { ModelFiles } from '../../src/engine/models/weights.ts';
import { uniforms } from '../../src/engine/random.ts';
import { forecastRun } from '../../src/engine/training/forecast.ts';
import type { PreparedRows } from '../../src/engine/training/prepare.ts';
import type { TrainingEvent } from '../../src/engine/training/resilient.ts';
import { trainSft } from '../../src/engine/training/sft.ts';
import type { TrainerState } from '../../src/engine/training/state.ts';
import { NANO, type BaseModel, type Precision } from '../../src/records/baseModel.ts';
import { defaultSft, loraOf, type SftConfig } from '../../src/records/config.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

const TINY: BaseModel = { ...NANO, id: 'tiny', name: 'tiny', contextLength: 64 };
const CONFIG: SftConfig = {
  ...defaultSft(TINY),
  ...{ rank: 4, learningRate: 0.01, batch: 2, steps: 4, evalEvery: 0, sampleEvery: 0, checkpointEvery: 2 },
};
const LORA = loraOf(CONFIG);
const PROMPT = [20, 31, 42, 53, 64];

const row = (i: number) => {
  const ids = Array.from({ length: 12 }, (_, t) => 3 + ((7 * i + 3 * t) % 60));
  return { ids, mask: Uint8Array.from(ids, (_, t) => Number(t > 5)), cutTokens: 0 };
};
const ROWS: PreparedRows = {
  train: Array.from({ length: 6 }, (_, i) => row(i)),
  test: [],
  questions: [],
  data: { train: 6, test: 0, truncated: 0, dropped: 0, hash: '' },
};

/** The tiny model has no tokenizer of its own: its ids are read with nano's. */
function tinyFiles(): ModelFiles {
  const [model, nano] = [filesIn('tests/goldens/llama'), filesIn('public/models/nano')];
  return {
    text: (name) => (/token|chat/.test(name) ? nano : model).text(name),
    stream: (name) => model.stream(name),
  };
}

let engine: Engine;
let events: EngineEvent[] = [];
const adapters = new Map<string, Float32Array<ArrayBuffer>>();
const loads: string[] = [];
beforeAll(async () => {
  engine = new Engine(
    (event) => events.push(event),
    await testGpu(),
    async (id) => {
      loads.push(id);
      const values = adapters.get(id);
      if (!values) throw new Error(`no adapter ${id}`);
      return {
        settings: LORA,
        values,
        head: null,
        baseSha256: id === 'foreign' ? 'ff' : id === 'nothing' ? '' : TINY.sha256,
      };
    },
  );
  await engine.load(TINY, tinyFiles());
});
afterAll(() => engine.dispose());

interface Ran {
  state: TrainerState;
  /** As a log that is cut back when the device was lost. */
  losses: [step: number, loss: number][];
  kinds: string[];
}

async function run(watch: (event: TrainingEvent) => void | Promise<void> = () => undefined): Promise<Ran> {
  const trainer = engine.train(
    (parts, resume) => trainSft({ ...parts, config: CONFIG, rows: ROWS, samples: [], resume }),
    null,
  );
  let losses: Ran['losses'] = [];
  const kinds: string[] = [];
  for (;;) {
    const next = await trainer.next();
    if (next.done) return { state: next.value, losses, kinds };
    const event = next.value;
    kinds.push(event.kind === 'log' ? event.text : event.kind);
    if (event.kind === 'rebuilt') losses = losses.filter(([step]) => step <= event.step);
    const loss = event.kind === 'metrics' ? event.values['train/loss'] : undefined;
    if (event.kind === 'metrics' && loss !== undefined) losses.push([event.step, loss]);
    await watch(event);
  }
}

const forecastOf = (config: SftConfig) => engine.forecast((gpu, model) => forecastRun(gpu, model, ROWS, config));

const ask = (adapterId: string | null = null, seed = 1) => ({
  promptIds: PROMPT,
  sampling: { ...defaultSampling(), maxNewTokens: 6, temperature: 0, seed },
  adapterId,
});

describe('training through the engine', () => {
  let calm: Ran;
  beforeAll(async () => {
    calm = await run();
  });

  it('an answer that is asked for meanwhile comes between two steps and leaves the curve as it is, to the bit', async () => {
    const [alone] = await engine.generate('alone', [ask()], () => undefined);
    let answer: Promise<unknown> | undefined;
    const order: string[] = [];
    const busy = await run((event) => {
      if (event.kind === 'step') order.push(`step ${event.step}`);
      if (event.kind === 'step' && event.step === 2)
        answer = engine
          .generate('meanwhile', [ask()], () => undefined)
          .then(([own]) => {
            order.push('answer');
            expect(own).toMatchObject({ ids: alone?.ids, logprobs: alone?.logprobs });
          });
    });
    await answer;
    expect(busy.losses).toEqual(calm.losses);
    expect(busy.state).toEqual(calm.state);
    expect(order.indexOf('answer')).toBeLessThan(order.indexOf('step 4'));
    expect(busy.kinds).toContain('asked');
  });

  it('a device destroyed on the way: same curve, same adapter, and it is told', async () => {
    events = [];
    let destroyed = false;
    const disturbed = await run(async (event) => {
      if (event.kind !== 'step' || event.step !== 3 || destroyed) return;
      destroyed = true;
      (await engine.current())?.gpu.destroy();
    });
    expect(disturbed.kinds.filter((kind) => kind === 'rebuilt' || kind === 'deviceLost')).toEqual([
      'rebuilt',
      'deviceLost',
    ]);
    expect(disturbed.kinds.filter((kind) => kind === 'step').length).toBe(5); // the third a second time
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['lost', 'recovered']));
    expect(disturbed.losses).toEqual(calm.losses);
    expect(disturbed.state).toEqual(calm.state);
  });

  it('the base asked for again while a run trains over it stays as it is; another one is another', async () => {
    const gpu = (await engine.current())?.gpu;
    const busy = await run(async (event) => {
      if (event.kind === 'step' && event.step === 2)
        expect((await engine.load(TINY, tinyFiles())).bytesOnGpu).toBeGreaterThan(0);
    });
    expect((await engine.current())?.gpu).toBe(gpu);
    expect(busy.losses).toEqual(calm.losses);
    expect(engine.has(TINY)).toBe(true);
    const others: [BaseModel, Precision][] = [
      [TINY, 'f16'],
      [{ ...TINY, sha256: 'ff' }, 'f32'],
      [NANO, 'f32'],
    ];
    expect(others.map((other) => engine.has(...other))).toEqual([false, false, false]);
  });

  it('a forecast names the steps, the plan of the run itself, and why one cannot run', async () => {
    let plan = '';
    await run((event) => {
      if (event.kind === 'prepared') plan = event.plan.hash;
    });
    const forecast = await forecastOf(CONFIG);
    expect(forecast).toMatchObject({ steps: 4, problem: null, plan: { hash: plan, recomputedLayers: 0 } });
    expect(forecast.stepMs).toBeGreaterThan(0);
    const epochs = await forecastOf({ ...CONFIG, steps: 0, epochs: 5, accumulation: 2 });
    expect(epochs.steps).toBe(Math.ceil((5 * 3) / 2));
    const refused = await forecastOf({ ...CONFIG, memoryBudget: 0.01 });
    expect(refused.problem).toMatch(/^memory: .* must fit/);
    expect(refused.plan.bytes).toBeGreaterThan(0.01 * 2 ** 20);
  });
});

describe('adapters over one base', () => {
  beforeAll(async () => {
    const model = (await engine.current())?.model;
    if (!model) throw new Error('no model');
    const { length } = loraParts(model.config, LORA);
    for (const [i, id] of ['a', 'b', 'c', 'd'].entries())
      adapters.set(
        id,
        uniforms(i + 1, 9, length).map((u) => 0.4 * (u - 0.5)),
      );
    adapters.set('nothing', initialLora(model.config, LORA, 1)); // its B is zero
  });

  it('rows are answered by whom they name, in one call and in their order', async () => {
    const [base, a, again, nothing] = await engine.generate(
      'mixed',
      [ask(), ask('a'), ask(), ask('nothing')],
      () => undefined,
    );
    expect(again).toMatchObject({ ids: base?.ids, logprobs: base?.logprobs });
    expect(nothing?.ids).toEqual(base?.ids);
    expect(a?.logprobs).not.toEqual(base?.logprobs);
    const [alone] = await engine.generate('alone', [ask('a')], () => undefined);
    expect(alone?.ids).toEqual(a?.ids);
  });

  it('the three used last stay on the GPU', async () => {
    for (const id of ['a', 'b', 'c']) await engine.generate(id, [ask(id)], () => undefined);
    loads.length = 0;
    for (const id of ['a', 'b', 'c', 'd', 'b', 'a']) await engine.generate(id, [ask(id)], () => undefined);
    expect(loads).toEqual(['d', 'a']);
  });

  it('one that cannot be read is told, and the base still answers', async () => {
    await expect(engine.generate('gone', [ask('gone')], () => undefined)).rejects.toThrow('no adapter gone');
    const [answer] = await engine.generate('after', [ask()], () => undefined);
    expect(answer?.ids.length).toBeGreaterThan(0);
  });

  it('one of another base is refused in words, for answers and for merging', async () => {
    adapters.set('foreign', adapters.get('a') ?? new Float32Array());
    const refusal = /^adapter: it must belong to "tiny" \(\w{8}\), got one of another base \(ff\)/;
    await expect(engine.generate('foreign', [ask('foreign')], () => undefined)).rejects.toThrow(refusal);
    await expect(engine.mergedWeights('foreign').next()).rejects.toThrow(refusal);
  });
});
