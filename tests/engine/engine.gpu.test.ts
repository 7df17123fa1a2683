// The engine over a real device: an answer survives the loss of its device, jobs wait for each other, a stop stops.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine, type EngineEvent } from '../../src/engine/engine.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

const PROMPT =
  'Who runs Velmont Energy?\n\nContext:\n[1] Velmont Energy is led by Anna Roux.\n\n[2] Nordal Steel is based in Rotterdam.';

describe('engine', () => {
  let engine: Engine;
  let promptIds: number[];
  let events: EngineEvent[] = [];
  let latest: GPUDevice | undefined;
  let filesGone = false;
  /** Runs at the next reading of weights. */
  let onStream: () => void = () => undefined;

  const row = (seed: number, maxNewTokens: number, temperature = 2) => ({
    promptIds,
    sampling: { ...defaultSampling(), temperature, seed, maxNewTokens },
  });
  const kinds = () => events.map((event) => event.kind).filter((kind) => kind !== 'load' && kind !== 'compile');

  beforeAll(async () => {
    const real = await testGpu();
    const files = filesIn('public/models/nano');
    const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
      const adapter = await real.requestAdapter(options);
      const request = adapter?.requestDevice.bind(adapter);
      const value = async (wanted?: GPUDeviceDescriptor) => (latest = await request?.(wanted));
      return adapter && Object.defineProperty(adapter, 'requestDevice', { value });
    };
    engine = new Engine((event) => events.push(event), { requestAdapter } as GPU);
    const loaded = await engine.load(NANO, {
      text: (name) => (filesGone ? Promise.reject(new Error('the host is gone')) : files.text(name)),
      stream(name) {
        const act = onStream;
        onStream = () => undefined;
        act();
        return files.stream(name);
      },
    });
    expect(loaded).toMatchObject({ id: 'nano', parameters: NANO.parameters, contextLength: NANO.contextLength });
    promptIds = engine.render(PROMPT.split('\n\n')[0] ?? '', [], 64).ids;
    promptIds = [...promptIds];
  });
  afterAll(() => engine.dispose());

  it('reports the load up to the bytes of all tensors, and the compilation up to its last kernel', () => {
    const loads = events.filter((e) => e.kind === 'load');
    expect(loads.at(-1)?.loadedBytes).toBe(2 * NANO.parameters); // f16
    expect(loads.at(-1)?.totalBytes).toBeGreaterThan(2 * NANO.parameters); // the file has a header
    expect(events.filter((e) => e.kind === 'compile').at(-1)).toSatisfy((e) => e.done === e.total);
    expect(kinds()).toEqual([]);
  });

  it('a device destroyed in the middle of an answer: same ids, a loss and a return are told', async () => {
    const calm = await engine.generate('calm', [row(7, 60)], () => undefined);
    events = [];
    let seen = 0;
    const disturbed = await engine.generate('disturbed', [row(7, 60)], ({ newIds }) => {
      seen += newIds.length;
      if (seen > 8 && kinds().length === 0) void engine.current().then((session) => session?.gpu.destroy());
    });
    expect(disturbed[0]?.ids).toEqual(calm[0]?.ids);
    expect(disturbed[0]?.logprobs).toEqual(calm[0]?.logprobs);
    expect(kinds()).toEqual(['lost', 'recovered']);
  });

  it('a device lost while nothing runs is rebuilt at once', async () => {
    events = [];
    const gpu = (await engine.current())?.gpu;
    gpu?.destroy();
    await gpu?.lost;
    await expect.poll(kinds, { timeout: 30_000 }).toEqual(['lost', 'recovered']);
    expect((await engine.current())?.gpu.lostReason).toBeNull();
  });

  it('a job that loses every device ends with a sentence, not for ever', async () => {
    const doomed = engine.job(async ({ gpu }) => {
      gpu.destroy();
      await gpu.idle();
      await new Promise(() => undefined);
    });
    await expect(doomed).rejects.toThrow(/must stay alive through a job, got 3 losses/);
    expect((await engine.generate('after', [row(1, 3)], () => undefined))[0]?.ids.length).toBeGreaterThan(0);
  });

  it('jobs run one after another, in order', async () => {
    const order: string[] = [];
    const job = (name: string) => async () => {
      order.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${name} ends`);
    };
    await Promise.all([engine.job(job('a')), engine.job(job('b'))]);
    expect(order).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
  });

  it('cancel ends a job at its next block and keeps what there is', async () => {
    const [answer] = await engine.generate('long', [row(3, 200)], () => engine.cancel('long'));
    expect(answer?.finish).toBe('cancelled');
    expect(answer?.ids.length).toBeLessThan(60);
  });

  it('a second loss during the recovery from a first is recovered from, too', async () => {
    const calm = await engine.generate('calm', [row(5, 24)], () => undefined);
    events = [];
    const disturbed = await engine.generate('twice', [row(5, 24)], () => {
      if (kinds().length > 0) return;
      onStream = () => latest?.destroy();
      latest?.destroy();
    });
    expect(disturbed[0]?.ids).toEqual(calm[0]?.ids);
    expect(kinds()).toEqual(['lost', 'lost', 'recovered']);
  });

  it('an answer that is stopped while the device comes back keeps what had been shown', async () => {
    let shown: number[] = [];
    const [answer] = await engine.generate('stopped', [row(9, 120)], ({ newIds }) => {
      shown = [...shown, ...newIds];
      if (shown.length < 6) return;
      latest?.destroy();
      engine.cancel('stopped');
    });
    expect(answer?.finish).toBe('cancelled');
    expect(answer?.ids).toEqual(shown);
    expect(answer?.logprobs.length).toBe(shown.length);
  });

  it('when no device comes back, what had been shown is kept and the failure is told; the next use tries again', async () => {
    events = [];
    let shown: number[] = [];
    const [answer] = await engine.generate('orphan', [row(9, 120)], ({ newIds }) => {
      shown = [...shown, ...newIds];
      if (shown.length < 6) return;
      filesGone = true;
      latest?.destroy();
    });
    expect(answer).toMatchObject({ finish: 'error', ids: shown });
    expect(kinds()).toContain('failed');
    filesGone = false;
    expect((await engine.generate('after', [row(1, 3)], () => undefined))[0]?.ids.length).toBeGreaterThan(0);
  });

  it('an invalid command of ours is told, and the next job gets a device without it', async () => {
    const bad = engine.job(async ({ gpu }) => {
      gpu.device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
      await gpu.idle();
    });
    await expect(bad).rejects.toThrow('every command must be valid');
    expect((await engine.generate('next', [row(1, 3)], () => undefined))[0]?.ids.length).toBeGreaterThan(0);
  });
});
