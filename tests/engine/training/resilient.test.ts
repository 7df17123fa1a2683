// A trainer whose device dies: when it is tried again, when it is given up, and that an end never waits for a dead device.
import { expect, it } from 'vitest';
import { resilient, type TrainingEvent } from '../../../src/engine/training/resilient.ts';
import type { Trainer, TrainerState } from '../../../src/engine/training/state.ts';

const state = (step: number): TrainerState => ({ step, tensors: {}, facts: {} });

/** Steps without arithmetic, up to `steps`. */
async function* trainer(from: number, steps: number): Trainer {
  for (let step = from + 1; step <= steps; step++) {
    yield { kind: 'step', step };
    yield { kind: 'checkpoint', state: state(step) };
  }
  return state(steps);
}

/** An engine whose device is lost, and replaced, after each value for which `fatal` says so. */
function devices(fatal: (event: TrainingEvent) => boolean) {
  let session = { gpu: { lostReason: null as string | null } };
  return {
    asked: 0,
    job: <T>(work: (on: typeof session) => Promise<T>): Promise<T> => work(session),
    watch(event: TrainingEvent): void {
      if (!fatal(event)) return;
      session.gpu.lostReason = 'lost';
      session = { gpu: { lostReason: null } };
    },
  };
}

async function run(fatal: (event: TrainingEvent) => boolean): Promise<{ end: TrainerState; steps: number[] }> {
  const engine = devices(fatal);
  const course = resilient(engine, async (_, kept) => trainer(kept?.step ?? 0, 9), null);
  const steps: number[] = [];
  for (;;) {
    const next = await course.next();
    if (next.done) return { end: next.value, steps };
    if (next.value.kind === 'step') steps.push(next.value.step);
    engine.watch(next.value);
  }
}

it('a step that kills each device ends the run with a sentence, after three', async () => {
  const steps: number[] = [];
  const doomed = run((event) => {
    if (event.kind === 'step') steps.push(event.step);
    return event.kind === 'step' && event.step === 5;
  });
  await expect(doomed).rejects.toThrow(/must stay alive through a step, got 3 losses after step 4/);
  expect(steps).toEqual([1, 2, 3, 4, 5, 5, 5]);
});

it('devices lost after each checkpoint cost nothing: the run goes on as long as its steps do', async () => {
  const { end, steps } = await run((event) => event.kind === 'checkpoint');
  expect(end.step).toBe(9);
  expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it('when no device comes back, the end does not wait for work of the dead one', async () => {
  const gpu = { lostReason: null as string | null };
  async function* stuck(): Trainer {
    yield { kind: 'step', step: 1 };
    await new Promise(() => undefined);
    return state(1);
  }
  let jobs = 0;
  const engine = {
    asked: 0,
    job<T>(work: (session: { gpu: typeof gpu }) => Promise<T>): Promise<T> {
      const result = work({ gpu });
      if (++jobs === 1) return result;
      gpu.lostReason = 'gone';
      return Promise.reject(new Error('no device'));
    },
  };
  const course = resilient(engine, async () => stuck(), null);
  await course.next();
  await expect(course.next()).rejects.toThrow('no device');
});
