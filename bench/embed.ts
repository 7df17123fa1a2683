// How long does it take to embed 1,000 chunks and one question, by device and by precision of the weights?
import { USE_LITE, type Embedder } from '../src/records/embedder.ts';
import { openEmbedder, type EmbedderFiles, type OpenEmbedder } from '../src/retrieval/embed.ts';
import { convert, PACKAGE } from '../tools/use-lite/convert.ts';
import { interleave, median, type BenchContext, type Contender } from './lib/context.ts';

export const description =
  'use-lite: seconds per 1,000 chunks, milliseconds a question, loading, by device and precision';

const DOCUMENTS = ['narvonia-risk-briefing', 'saint-clara-health-note', 'velmont-energy-annual-report'];
const CHUNKS = 100;
const WORDS = 30; // about 40 tokens
const ROUNDS = 5;
const QUESTION = 'Why did the company lose money last year?';

/** Windows of so many words over the English example documents. */
async function chunks(ctx: BenchContext): Promise<string[]> {
  const texts = await Promise.all(DOCUMENTS.map((name) => ctx.file(`datasets/documents/${name}.md`)));
  const words = texts
    .map((bytes) => new TextDecoder().decode(bytes))
    .join(' ')
    .split(/\s+/);
  const step = Math.floor((words.length - WORDS) / CHUNKS);
  if (step < 1)
    throw new Error(`bench: the documents must have ${CHUNKS + WORDS} words, got ${words.length}. Lower CHUNKS.`);
  return Array.from({ length: CHUNKS }, (_, i) => words.slice(i * step, i * step + WORDS).join(' '));
}

/** Both precisions, converted here: only one of them ships. */
async function variants(ctx: BenchContext): Promise<{ name: string; embedder: Embedder; files: EmbedderFiles }[]> {
  const found = [];
  for (const precision of ['int8', 'float16'] as const) {
    const files = await convert((path) => ctx.file(`${PACKAGE}/${path}`), precision);
    const [file = '', bytes = new Uint8Array()] = [...files].find(([path]) => path.endsWith('.onnx')) ?? [];
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const embedder = { ...USE_LITE, file, sha256, bytes: bytes.length };
    found.push({ name: precision, embedder, files: { read: async (path: string) => files.get(path) ?? null } });
  }
  return found;
}

const round = (x: number): number => Math.round(x * 100) / 100;

export async function run(ctx: BenchContext): Promise<void> {
  const texts = await chunks(ctx);
  const racers: { about: Record<string, unknown>; open: OpenEmbedder }[] = [];
  // On the software adapter one batch takes a minute: WebGPU runs on request, `--hardware --only webgpu` on a real GPU.
  const devices = ctx.only === 'webgpu' ? (['wasm', 'webgpu'] as const) : (['wasm'] as const);
  for (const { name, embedder, files } of await variants(ctx))
    for (const device of devices) {
      const loads: number[] = [];
      let open: OpenEmbedder | undefined;
      for (let i = 0; i < 3; i++) {
        await open?.dispose();
        const start = performance.now();
        open = await openEmbedder(embedder, files, undefined, device);
        loads.push(performance.now() - start);
      }
      if (!open) continue;
      const about = { device, weights: name, megabytes: round(embedder.bytes / 1e6), load_ms: round(median(loads)) };
      racers.push({ about, open });
    }

  const repeat = (name: string, once: () => Promise<unknown>): Contender => ({
    name,
    async go(times) {
      for (let i = 0; i < times; i++) await once();
    },
  });
  const passages = racers.map(({ open }) => repeat('passages', () => open.embed(texts, 'passage')));
  const questions = racers.map(({ open }) => repeat('question', () => open.embed([QUESTION], 'query')));
  ctx.note(`embed: ${CHUNKS} chunks of ${WORDS} words, ${racers.length} racers`);
  const forPassages = await interleave(passages, ROUNDS);
  const forQuestions = await interleave(questions, ROUNDS);
  for (const [i, { about, open }] of racers.entries()) {
    ctx.emit({
      bench: 'embed',
      model: USE_LITE.id,
      browser: ctx.version,
      cores: navigator.hardwareConcurrency,
      ...about,
      seconds_per_1000_chunks: round((forPassages[i] ?? NaN) / CHUNKS),
      question_ms: round(forQuestions[i] ?? NaN),
    });
    await open.dispose();
  }
}
