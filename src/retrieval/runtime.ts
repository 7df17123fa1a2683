// The ONNX runtime door: two builds side by side, and sessions from the one that their options ask for.
//
// The plain build computes on the CPU and is all that is needed. The other brings WebGPU; it is larger, asks the browser
// for promises inside WebAssembly (JSPI), and is fetched only when somebody wants to know whether it is faster.
import plainModule from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import plainBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import gpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import gpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import type * as runtimeCode from 'onnxruntime-web/wasm';
import type { InferenceSession } from 'onnxruntime-web/wasm';
import { guarded } from './guardedSession.ts';

export type Device = 'wasm' | 'webgpu';
type Runtime = typeof runtimeCode;

const BUILDS: Record<Device, { module: string; binary: string; code: () => Promise<Runtime> }> = {
  wasm: { module: plainModule, binary: plainBinary, code: () => import('onnxruntime-web/wasm') },
  webgpu: { module: gpuModule, binary: gpuBinary, code: () => import('onnxruntime-web/jspi') },
};
const MAX_THREADS = 4;
const loaded = new Map<Device, Promise<Runtime>>();
const tensors: Runtime['Tensor'][] = [];

/** A file of the runtime. Fetched here, because the runtime never recovers from a file that did not come. */
async function file(url: URL): Promise<ArrayBuffer> {
  const response = await fetch(url).catch(() => null);
  if (response?.ok) return response.arrayBuffer();
  const got = response ? `status ${response.status}` : 'no answer';
  throw new Error(`embed: ${url.pathname} must come from the site, got ${got}. Check the connection, then try again.`);
}

async function load(device: Device): Promise<Runtime> {
  const build = BUILDS[device];
  const module = new URL(build.module, globalThis.location.href);
  const binary = new URL(build.binary, globalThis.location.href);
  const [runtime, wasmBinary] = await Promise.all([build.code(), file(binary), file(module)]);
  Object.assign(runtime.env.wasm, {
    wasmBinary,
    wasmPaths: { mjs: module.href, wasm: binary.href },
    numThreads: globalThis.crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1,
  });
  tensors.push(runtime.Tensor);
  return runtime;
}

/** Loaded once; a load that failed (offline, say) is tried again by the next call. */
function runtime(device: Device): Promise<Runtime> {
  const promise = loaded.get(device) ?? load(device);
  loaded.set(device, promise);
  promise.catch(() => loaded.delete(device));
  return promise;
}

/** What to pass for the options of a session. */
export const sessionOptions = (device: Device): InferenceSession.SessionOptions => ({
  executionProviders: [device],
  // Stored in eight bits, weights become floats once, at loading, instead of in every run: a question takes 2 ms, not 10.
  extra: { session: { disable_quant_qdq: '1' } },
});

const deviceOf = ({ executionProviders }: InferenceSession.SessionOptions): Device =>
  executionProviders?.[0] === 'webgpu' ? 'webgpu' : 'wasm';

/** Puts both builds where transformers.js looks for a runtime before it takes its own. */
export async function offerRuntime(): Promise<void> {
  const { env } = await runtime('wasm');
  const InferenceSession = guarded({
    async create(model: Uint8Array, options: InferenceSession.SessionOptions) {
      const { InferenceSession } = await runtime(deviceOf(options));
      return InferenceSession.create(model, options);
    },
  });
  // Each build has a tensor class of its own.
  const Tensor = { [Symbol.hasInstance]: (value: unknown) => tensors.some((Tensor) => value instanceof Tensor) };
  Object.assign(globalThis, { [Symbol.for('onnxruntime')]: { env, InferenceSession, Tensor } });
}

/** Whether this browser could run the build with WebGPU at all. */
export const hasPromisesInWasm = (): boolean => 'Suspending' in WebAssembly;

/** Whether a session on WebGPU has a real GPU: where software stands in for it, a run takes minutes. Ask after one is made. */
export async function hasRealGpu(): Promise<boolean> {
  const { adapterInfo } = await (await runtime('webgpu')).env.webgpu.device;
  return !adapterInfo.isFallbackAdapter;
}
