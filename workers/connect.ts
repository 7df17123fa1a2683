// Starts workers and makes them look like objects with async methods; callbacks cross as comlink proxies.
import * as Comlink from 'comlink';
import type { DataApi, EngineApi, RetrievalApi } from './api.ts';

export interface Connection<Api> {
  api: Api;
  /** Ends the thread at once and the calls under way with an error; the next call starts a new one. */
  terminate(): void;
}

interface Thread {
  worker: Worker;
  remote: Comlink.Remote<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  /** It has said something: an error is then no reason to think that it could not start. */
  started: boolean;
  /** How each call under way is ended when no answer will come. */
  pending: Set<(reason: Error) => void>;
}

/** How each thread that runs is ended; null once none may start any more. */
let ends: Set<() => void> | null = new Set();

/** Every thread ends at once and none starts in this page again: what they keep is about to be erased. */
export function endWorkers(): void {
  const running = ends ?? [];
  ends = null;
  for (const end of running) end();
}

/** `api` starts the worker with its first call, and again after one that could not start or was ended. */
export function connect<Api extends object>(start: () => Worker, name: string): Connection<Api> {
  let thread: Thread | null = null;

  function open(): Thread {
    if (!ends) throw new Error(`${name} worker: must not start while all is erased, got a call. Reload the page.`);
    const worker = start();
    const own: Thread = { worker, remote: Comlink.wrap(worker), started: false, pending: new Set() };
    worker.addEventListener('message', () => (own.started = true), { once: true });
    worker.addEventListener('error', (event) => {
      const got = event.message || 'no detail from the browser';
      if (own.started) fail(own, `${name} worker: must work without errors, got ${got}. Try again.`);
      else end(own, `${name} worker: must start, got ${got}. Try again; if that does not help, reload the page.`);
    });
    ends.add(terminate);
    // Comlink answers a look at any property: the first message says that the worker runs.
    void Promise.resolve(own.remote.started).catch(() => undefined);
    return own;
  }

  /** The worker lives on after an error of its own: only the calls under way may wait for ever. */
  function fail(own: Thread, message: string): void {
    for (const reject of own.pending) reject(new Error(message));
    own.pending.clear();
  }

  function end(own: Thread, message: string): void {
    if (thread === own) {
      thread = null;
      ends?.delete(terminate);
    }
    own.worker.terminate();
    fail(own, message);
  }

  const terminate = (): void => {
    if (thread) end(thread, `${name} worker: must run until it has answered, got ended. Try again.`);
  };

  async function call(method: string, args: unknown[]): Promise<unknown> {
    const own = (thread ??= open());
    const wrapped = args.map((arg) => (typeof arg === 'function' ? Comlink.proxy(arg) : arg));
    return new Promise((resolve, reject) => {
      own.pending.add(reject);
      const answer = own.remote[method]?.(...wrapped) ?? Promise.resolve();
      answer.then(resolve, reject).finally(() => own.pending.delete(reject));
    });
  }

  const api = new Proxy({} as Api, {
    get: (_, method) =>
      typeof method !== 'string' || method === 'then' ? undefined : (...args: unknown[]) => call(method, args),
  });
  return { api, terminate };
}

// `new Worker(new URL(…, import.meta.url), { type: 'module' })` stays inline: the build looks for exactly this form.
export const connectEngine = (): Connection<EngineApi> =>
  connect(
    () => new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'engine' }),
    'engine',
  );

export const connectRetrieval = (): Connection<RetrievalApi> =>
  connect(
    () => new Worker(new URL('./retrieval.worker.ts', import.meta.url), { type: 'module', name: 'retrieval' }),
    'retrieval',
  );

export const connectData = (): Connection<DataApi> =>
  connect(() => new Worker(new URL('./data.worker.ts', import.meta.url), { type: 'module', name: 'data' }), 'data');
