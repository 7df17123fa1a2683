// The transformers.js door: an embedder's files in, texts to unit vectors out. It knows no network.
import type * as transformersModule from '@huggingface/transformers';
import type { Embedder } from '../records/embedder.ts';
import { checkModel, describeFolder } from './embedderFolder.ts';
import { failureOf } from './guardedSession.ts';
import { pool } from './pool.ts';
import { hasPromisesInWasm, hasRealGpu, offerRuntime, sessionOptions, type Device } from './runtime.ts';

export interface EmbedderFiles {
  /** Bytes of a file by its path in the folder, null when there is none; may tell how many have come so far. */
  read(path: string, onBytes?: (loaded: number) => void): Promise<Uint8Array<ArrayBuffer> | null>;
}

export interface OpenEmbedder {
  embedder: Embedder;
  device: Device;
  /** Rows [texts, dim] of unit length, in the order of the texts. */
  embed(texts: string[], as: 'query' | 'passage'): Promise<Float32Array<ArrayBuffer>>;
  dispose(): Promise<void>;
}

type Transformers = typeof transformersModule;

/** Tokens of one run, padding included: shorter and longer ones are slower. */
const RUN_TOKENS = 1024;

/** Open folders, by the name under which transformers.js asks for their files. */
const folders = new Map<string, (path: string) => ReturnType<EmbedderFiles['read']>>();
let named = 0;
let library: Promise<Transformers> | undefined;

/** What transformers.js takes for the network: the files of open folders, and nothing else. */
async function answer(request: string | URL): Promise<Response> {
  const [folder = '', ...path] = String(request).replace(/^\//, '').split('/');
  const bytes = await folders.get(folder)?.(path.join('/'));
  if (!bytes) return new Response(null, { status: 404 });
  return new Response(bytes, { headers: { 'Content-Length': String(bytes.length) } });
}

async function load(): Promise<Transformers> {
  await offerRuntime();
  const transformers = await import('@huggingface/transformers');
  Object.assign(transformers.env, {
    useWasmCache: false, // it would import the runtime from a blob:, which the content security policy forbids
    useBrowserCache: false,
    allowRemoteModels: false,
    allowLocalModels: true,
    localModelPath: '',
    fetch: answer,
    logLevel: transformers.LogLevel.ERROR,
  });
  return transformers;
}

/** Loaded once; a load that failed (offline, say) is tried again by the next call. */
function transformers(): Promise<Transformers> {
  library ??= load().catch((error: unknown) => {
    library = undefined;
    throw error;
  });
  return library;
}

/** Tokenizer and model of an embedder, from its files alone. */
async function open(
  embedder: Embedder,
  files: EmbedderFiles,
  onProgress: (loaded: number, total: number) => void,
  device: Device,
) {
  const { AutoModel, AutoTokenizer } = await transformers();
  const folder = `embedder-${++named}`;
  let failure: Error | undefined; // transformers.js says of any failure that the file was not found
  folders.set(folder, async (path) => {
    const isModel = path === embedder.file;
    try {
      const bytes = await files.read(path, isModel ? (loaded) => onProgress(loaded, embedder.bytes) : undefined);
      if (!bytes)
        throw new Error(`embedder: ${embedder.name} must have ${path}, got none. Reload the page, or bring it again.`);
      if (isModel) await checkModel(bytes, embedder);
      return bytes;
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  });
  const slash = embedder.file.lastIndexOf('/');
  try {
    const tokenizer = await AutoTokenizer.from_pretrained(folder);
    const model = await AutoModel.from_pretrained(folder, {
      subfolder: embedder.file.slice(0, Math.max(slash, 0)),
      model_file_name: embedder.file.slice(slash + 1).replace(/\.onnx$/, ''),
      dtype: 'fp32', // adds nothing to that name, whatever the file holds
      device: 'auto', // leaves the choice to the options
      session_options: sessionOptions(device),
    });
    const broken = Object.values(model.sessions).map(failureOf).find(Boolean);
    if (broken) throw broken;
    return { tokenizer, model };
  } catch (error) {
    if (failure) throw failure;
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(
      `embedder: ${embedder.name} must be a model that this browser can run, got: ${words}. Choose another embedder.`,
      { cause: error },
    );
  } finally {
    folders.delete(folder);
  }
}

export async function openEmbedder(
  embedder: Embedder,
  files: EmbedderFiles,
  onProgress: (loaded: number, total: number) => void = () => undefined,
  device: Device = 'wasm',
): Promise<OpenEmbedder> {
  const { Tensor } = await transformers();
  const { tokenizer, model } = await open(embedder, files, onProgress, device);
  onProgress(embedder.bytes, embedder.bytes);
  const padding = tokenizer.pad_token_id ?? 0;
  const bare = tokenizer.encode('a', { add_special_tokens: false });
  const framed = tokenizer.encode('a');
  const ending = framed.slice(framed.indexOf(bare[0] ?? -1) + bare.length);

  /** A clipped text keeps the token that ends every text. */
  function encode(text: string): number[] {
    const ids = tokenizer.encode(text);
    if (ids.length <= embedder.maxTokens) return ids;
    return [...ids.slice(0, embedder.maxTokens - ending.length), ...ending];
  }

  /** One run: rows of ids, padded on the right to [batch, seq]. */
  async function run(rows: readonly number[][]): Promise<Float32Array<ArrayBuffer>> {
    const lengths = rows.map((row) => row.length);
    const seq = Math.max(1, ...lengths);
    const ids = new BigInt64Array(rows.length * seq).fill(BigInt(padding));
    const mask = new BigInt64Array(rows.length * seq);
    for (const [i, row] of rows.entries()) {
      ids.set(row.map(BigInt), i * seq);
      mask.fill(1n, i * seq, i * seq + row.length);
    }
    const dims = [rows.length, seq];
    const inputs = { input_ids: new Tensor('int64', ids, dims), attention_mask: new Tensor('int64', mask, dims) };
    const outputs = (await model(inputs)) as Record<string, unknown>;
    const failure = failureOf(outputs);
    if (failure) throw failure;
    return pool(outputs, lengths, embedder.pooling);
  }

  return {
    embedder,
    device,
    async embed(texts, as) {
      const prefix = as === 'query' ? embedder.queryPrefix : embedder.passagePrefix;
      const encoded = texts.map((text) => encode(prefix + text));
      // Texts of like length run together, so that little of a run is padding.
      const order = encoded.map((_, i) => i).sort((a, b) => (encoded[a]?.length ?? 0) - (encoded[b]?.length ?? 0));
      let out: Float32Array<ArrayBuffer> | undefined;
      for (let at = 0; at < order.length;) {
        let size = 0;
        while (at + size < order.length && (size + 1) * (encoded[order[at + size] ?? 0]?.length ?? 0) <= RUN_TOKENS)
          size++;
        const batch = order.slice(at, at + Math.max(1, size));
        const rows = await run(batch.map((i) => encoded[i] ?? []));
        const dim = rows.length / batch.length;
        out ??= new Float32Array(texts.length * dim);
        for (const [j, i] of batch.entries()) out.set(rows.subarray(j * dim, (j + 1) * dim), i * dim);
        at += batch.length;
      }
      return out ?? new Float32Array(0);
    },
    async dispose() {
      await model.dispose();
    },
  };
}

/** Takes a folder in hub layout for an embedder: reads what it says of itself, and embeds a sentence to learn the rest. */
export async function inspectFolder(files: EmbedderFiles, paths: string[], name: string): Promise<Embedder> {
  const described = await describeFolder((path) => files.read(path), paths, name);
  const trial = await openEmbedder({ ...described, dim: 0 }, files);
  try {
    const row = await trial.embed(['A short sentence.'], 'query');
    return { ...described, dim: row.length };
  } finally {
    await trial.dispose();
  }
}

/** Rows of a batch of passages as they usually are, and seconds for it; the first, which prepares, is not counted. */
async function trial(open: OpenEmbedder): Promise<{ rows: Float32Array; seconds: number }> {
  const batch = Array.from({ length: 64 }, (_, i) => `${i} `.repeat(20 + (i % 20)));
  await open.embed(batch, 'passage');
  const start = performance.now();
  const rows = await open.embed(batch, 'passage');
  return { rows, seconds: (performance.now() - start) / 1000 };
}

/** What floats in another order, and in half precision, may differ by. */
const NEAR = 0.01;

/** The device that embeds faster here, to the same rows. Finding out fetches 17 MB once, so it is for work that takes minutes. */
export async function fasterDevice(embedder: Embedder, files: EmbedderFiles): Promise<Device> {
  if (!hasPromisesInWasm()) return 'wasm';
  const onCpu = await openEmbedder(embedder, files);
  const onGpu = await openEmbedder(embedder, files, undefined, 'webgpu').catch(() => null);
  try {
    // No adapter, one that cannot run this model, one that is slower or wrong: the CPU serves in every case.
    if (!onGpu || !(await hasRealGpu())) return 'wasm';
    const [gpu, cpu] = [await trial(onGpu), await trial(onCpu)];
    const near = gpu.rows.every((value, i) => Math.abs(value - (cpu.rows[i] ?? 0)) < NEAR);
    return near && gpu.seconds < cpu.seconds ? 'webgpu' : 'wasm';
  } catch {
    return 'wasm';
  } finally {
    await Promise.all([onGpu?.dispose(), onCpu.dispose()]);
  }
}
