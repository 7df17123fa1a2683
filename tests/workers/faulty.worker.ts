// Answers, never answers, or fails outside of any call.
import * as Comlink from 'comlink';

const api = {
  async add(a: number, b: number) {
    return a + b;
  },
  async refuse() {
    throw new RangeError('too much');
  },
  async tell(onWord: (word: string) => void) {
    onWord('told');
  },
  never: () => new Promise<void>(() => undefined),
  async failLater() {
    setTimeout(() => {
      throw new Error('outside of a call');
    });
  },
  failInstead: () =>
    new Promise<void>(() => {
      setTimeout(() => {
        throw new Error('instead of an answer');
      });
    }),
};
export type FaultyApi = typeof api;

Comlink.expose(api);
