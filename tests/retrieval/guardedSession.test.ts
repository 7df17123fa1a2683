// A session of the runtime that fails leaves what comes after it alone: failures are values, results pass unchanged.
import { expect, it } from 'vitest';
import { failureOf, guarded } from '../../src/retrieval/guardedSession.ts';

/** Sessions that divide 12; a model of "bad" is none, and 0 cannot be divided by. */
const runtime = {
  async create(model: string) {
    if (model === 'bad') throw new Error('no model');
    return {
      inputNames: ['x'],
      async run(feeds: object) {
        const x = Number(Object.values(feeds)[0]);
        if (x === 0) throw new Error('zero');
        return { y: 12 / x };
      },
      async release() {},
    };
  },
};

/** As transformers.js does it: every call waits for the one before. */
function chain(): <T>(call: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(call: () => Promise<T>): Promise<T> => {
    const next = last.then(call);
    last = next;
    return next;
  };
}

it('results and names pass unchanged', async () => {
  const session = await guarded(runtime).create('good');
  expect(session.inputNames).toEqual(['x']);
  expect(await session.run({ x: 3 })).toEqual({ y: 4 });
  expect(failureOf(session)).toBeNull();
});

it('a load that fails does not fail the next one', async () => {
  const queue = chain();
  const broken = await queue(() => guarded(runtime).create('bad'));
  expect(failureOf(broken)?.message).toBe('no model');
  expect(failureOf(await broken.run({ x: 3 }))?.message).toBe('no model');
  const next = await queue(() => guarded(runtime).create('good'));
  expect(await next.run({ x: 4 })).toEqual({ y: 3 });
});

it('a run that fails does not fail the next one', async () => {
  const queue = chain();
  const session = await guarded(runtime).create('good');
  expect(failureOf(await queue(() => session.run({ x: 0 })))?.message).toBe('zero');
  expect(await queue(() => session.run({ x: 2 }))).toEqual({ y: 6 });
});

it('without the guard the next one fails, too', async () => {
  const queue = chain();
  await expect(queue(() => runtime.create('bad'))).rejects.toThrow('no model');
  await expect(queue(() => runtime.create('good'))).rejects.toThrow('no model');
});
