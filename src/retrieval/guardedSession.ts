// Sessions of the runtime that never reject: a failure is a value, which the caller finds with failureOf().
//
// transformers.js lets every load wait for the one before, and every run likewise, on chains of promises without a
// catch: after one rejection everything that follows is rejected, too, until the page is reloaded.

const FAILURE = 'failure';

interface Session {
  inputNames: readonly string[];
  run(feeds: object): Promise<object>;
  release(): Promise<void>;
}

type Create<Args extends unknown[]> = { create(...args: Args): Promise<Session> };

export const failureOf = (value: unknown): Error | null => {
  const failure: unknown = typeof value === 'object' && value !== null && FAILURE in value ? value[FAILURE] : null;
  return failure instanceof Error ? failure : null;
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** In place of the runtime's InferenceSession. */
export function guarded<Args extends unknown[]>(sessions: Create<Args>): Create<Args> {
  return {
    async create(...args) {
      try {
        const session = await sessions.create(...args);
        return {
          inputNames: session.inputNames,
          run: (feeds) => session.run(feeds).catch((error: unknown) => ({ [FAILURE]: asError(error) })),
          release: () => session.release(),
        };
      } catch (error) {
        const nothing = { [FAILURE]: asError(error) };
        return { inputNames: [], ...nothing, run: () => Promise.resolve(nothing), release: () => Promise.resolve() };
      }
    },
  };
}
