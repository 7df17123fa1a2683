// Starts workers and makes them look like objects with async methods; callbacks cross as comlink proxies.
import * as Comlink from 'comlink';
import type { EngineApi, RetrievalApi } from './api.ts';

export interface Connection<Api> {
  api: Api;
  /** Ends the thread at once; calls under way never settle. */
  terminate(): void;
}

/** Methods of `Api` that take functions get them wrapped; a worker that cannot start rejects the calls made to it. */
function connect<Api extends object>(worker: Worker, name: string): Connection<Api> {
  const remote = Comlink.wrap<Record<string, (...args: unknown[]) => Promise<unknown>>>(worker);
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      const detail = event.message || 'no detail from the browser';
      reject(new Error(`${name} worker: must start, got ${detail}. Reload the page.`));
    });
  });
  failed.catch(() => undefined); // reported by the calls below
  const api = new Proxy({} as Api, {
    get: (_, method) => {
      if (typeof method !== 'string' || method === 'then') return undefined;
      return (...args: unknown[]) => {
        const wrapped = args.map((arg) => (typeof arg === 'function' ? Comlink.proxy(arg) : arg));
        return Promise.race([remote[method]?.(...wrapped), failed]);
      };
    },
  });
  return { api, terminate: () => worker.terminate() };
}

// `new Worker(new URL(…, import.meta.url), { type: 'module' })` stays inline: the build looks for exactly this form.
export const connectEngine = (): Connection<EngineApi> =>
  connect(new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'engine' }), 'engine');

export const connectRetrieval = (): Connection<RetrievalApi> =>
  connect(
    new Worker(new URL('./retrieval.worker.ts', import.meta.url), { type: 'module', name: 'retrieval' }),
    'retrieval',
  );
