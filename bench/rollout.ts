// How fast are PPO's rollouts, one answer and 32 at once, what share of that is the GPU idle, and what do all roles weigh?
//
// Rollouts go through the product's own `generate`: prompts of 64 tokens, 64 drawn, the whole distribution, nothing ends early.
//   tokens_per_s       drawn tokens ÷ wall time of the whole rollout, its prompts included
//   share_of_ceiling   FLOPs of prompts and draws (products and attention; the head only where a token is drawn) ÷ time ÷
//                      the fastest product of 512 × 512 × 512 (bench/step.ts)
//   host_share         1 − GPU ÷ wall, of 32 rows. GPU = the same prompts and draws, from the moment they have all been
//                      submitted until the GPU is idle: nothing is read back, decoded or decided in between
//   roles_over_base    (base + policy, value, reference and reward adapters of rank 8 on all linears, heads, gradients and
//                      AdamW's means) ÷ base, no activations
//   logprob_drift      mean |Δ| of the drawn tokens' log-probabilities against one pass over the full sequences
import { Decoder, type Session } from '../src/engine/decoder.ts';
import { generate, type GeneratedRow, type GenerateRow } from '../src/engine/generate.ts';
import type { Gpu } from '../src/engine/gpu/device.ts';
import { profile } from '../src/engine/gpu/profile.ts';
import { Recorder } from '../src/engine/gpu/program.ts';
import type { Tensor } from '../src/engine/gpu/tensor.ts';
import { initialLora } from '../src/engine/lora.ts';
import { forward, logits, type Llama } from '../src/engine/models/llama.ts';
import { disposeWeights, LINEARS, weightBytes } from '../src/engine/models/weights.ts';
import { gatherRows } from '../src/engine/ops/gatherRows.ts';
import { logprobs } from '../src/engine/ops/logprobs.ts';
import { Tokenizer } from '../src/engine/tokenizer.ts';
import { Roles } from '../src/engine/training/ppoRoles.ts';
import { NANO } from '../src/records/baseModel.ts';
import { defaultPpo } from '../src/records/ppoConfig.ts';
import { defaultSampling } from '../src/records/sampling.ts';
import { median, type BenchContext } from './lib/context.ts';
import { modelFiles } from './lib/files.ts';
import { randomModel } from './lib/randomModel.ts';
import { SIZES, workload, type StepSize } from './lib/workload.ts';
import { findCeiling } from './step.ts';

export const description =
  'rollouts of two models: tokens per second for 1 and 32 rows, share of the ceiling, host, memory';

const PROMPT = 64;
const NEW = 64;
const ROWS = 32;
const ROUNDS = 5;

export async function run(ctx: BenchContext): Promise<void> {
  const gpu = await ctx.openGpu();
  const tokenizer = await Tokenizer.load(modelFiles(ctx, NANO.url));
  const ceiling = await findCeiling(ctx, gpu);
  ctx.emit({ bench: 'rollout', ceiling_gflops: round(ceiling), adapter: gpu.name, browser: ctx.version });
  for (const [name, size] of Object.entries(SIZES))
    if (name.includes(ctx.only)) await measure(ctx, gpu, tokenizer, name, size, ceiling);
  gpu.destroy();
}

const round = (x: number): number => Number(x.toPrecision(4));

/** Two for each multiply-add, of one row: all linears at every position but the last, the head where a token is drawn. */
function flopsOf({ dim, layers, heads, kvHeads, ffn, vocab }: StepSize): number {
  const kv = (dim / heads) * kvHeads;
  const dense = layers * (2 * dim * dim + 2 * dim * kv + 3 * dim * ffn);
  const positions = PROMPT + NEW - 1;
  const attended = (positions * (positions + 1)) / 2; // keys seen by all queries together
  return 2 * (positions * dense + NEW * dim * vocab + layers * attended * 2 * dim);
}

const rowsOf = (count: number, vocab: number, seed: number): GenerateRow[] =>
  Array.from({ length: count }, (_, b) => ({
    promptIds: Array.from({ length: PROMPT }, (_, t) => ((b * PROMPT + t) * 7919) % vocab),
    sampling: { ...defaultSampling(), temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed, maxNewTokens: NEW },
    stream: b,
  }));

async function measure(
  ctx: BenchContext,
  gpu: Gpu,
  tokenizer: Tokenizer,
  name: string,
  size: StepSize,
  ceiling: number,
): Promise<void> {
  const loaded = await randomModel(gpu, workload(size));
  const model: Llama = { ...loaded, config: { ...loaded.config, eosIds: [] } };
  const decoder = new Decoder(gpu, model);
  const roll = async (count: number, seed: number): Promise<{ ms: number; rows: GeneratedRow[] }> => {
    const start = performance.now();
    const events = generate({ decoder, tokenizer, rows: rowsOf(count, size.vocab, seed) });
    let next = await events.next();
    while (!next.done) next = await events.next();
    return { ms: performance.now() - start, rows: next.value };
  };
  const one: number[] = [];
  const many: number[] = [];
  const gpuMs: number[] = [];
  let drawn: GeneratedRow[] = [];
  for (let i = -1; i < ROUNDS; i++) {
    ctx.note(`${name}: round ${i + 1}/${ROUNDS}`); // the first compiles
    const single = await roll(1, i + 1);
    const batch = await roll(ROWS, i + 1);
    const alone = await gpuAlone(gpu, decoder, rowsOf(ROWS, size.vocab, i + 1));
    drawn = batch.rows;
    if (i < 0) continue;
    one.push(single.ms);
    many.push(batch.ms);
    gpuMs.push(alone);
  }
  for (const row of await byKernel(gpu, model, size)) ctx.emit({ bench: 'rollout', size: name, ...row });
  const perSecond = (rows: number, ms: number): number => (1000 * rows * NEW) / ms;
  ctx.emit({
    bench: 'rollout',
    size: name,
    batch1_tokens_per_s: round(perSecond(1, median(one))),
    batch32_tokens_per_s: round(perSecond(ROWS, median(many))),
    share_of_ceiling_32: round((ROWS * flopsOf(size)) / median(many) / 1e6 / ceiling),
    host_share: round(1 - Math.min(1, median(gpuMs) / median(many))),
    roles_over_base: round(rolesOverBase(gpu, model)),
    logprob_drift: round(await driftOf(gpu, model, rowsOf(ROWS, size.vocab, ROUNDS), drawn)),
    rounds: ROUNDS,
  });
  decoder.dispose();
  disposeWeights(model.weights);
}

/** Milliseconds of the same work with nothing between: everything is submitted, then awaited. */
async function gpuAlone(gpu: Gpu, decoder: Decoder, rows: readonly GenerateRow[]): Promise<number> {
  const session: Session = await decoder.borrow(rows.length, PROMPT, PROMPT + NEW);
  const given = rows.map(({ promptIds, sampling, stream = 0 }) => ({ promptIds, sampling, stream, eosIds: [] }));
  let ms = 0;
  for (const submit of [() => session.prefill(given, Infinity), () => session.decode(NEW - 1, Infinity)]) {
    const read = submit();
    const start = performance.now();
    await gpu.idle();
    ms += performance.now() - start;
    await read();
  }
  decoder.giveBack(session);
  return ms;
}

/** Where the time of prompts and of a draw goes: every kernel alone, the slowest first. */
async function byKernel(gpu: Gpu, model: Llama, { kvHeads, heads, dim, layers }: StepSize) {
  const found: Record<string, unknown>[] = [];
  for (const [phase, time, from] of [
    ['prompts', PROMPT, 0],
    ['draw', 1, PROMPT + NEW / 2],
  ] as const) {
    const rec = new Recorder(gpu, phase);
    const resident: Tensor[] = [];
    const own = (t: Tensor): Tensor => (resident.push(t), t);
    const cache = () => own(gpu.tensor('cache', [ROWS, PROMPT + NEW, kvHeads, dim / heads]));
    const caches = Array.from({ length: layers }, () => ({ keys: cache(), values: cache() }));
    const ids = own(gpu.tensor('ids', [ROWS * time], 'u32'));
    const starts = own(gpu.tensor('starts', [ROWS], 'u32', new Uint32Array(ROWS).fill(from)));
    const hidden = forward(rec, model, { ids, starts, batch: ROWS, time, caches });
    if (time === 1) rec.keep(logits(rec, model, hidden));
    const program = await rec.compile();
    program.run(); // the first run of a pipeline may still compile
    await gpu.idle();
    const { rows, totalMs, clock } = await profile(program);
    for (const { stem, calls, ms, gflops } of rows.slice(0, 8))
      found.push({
        ...{ phase, clock, kernel: stem, calls, ms: round(ms), share: round(ms / totalMs), gflops: round(gflops) },
      });
    program.dispose();
    for (const t of resident) t.slot?.buffer.destroy();
  }
  return found;
}

/** Base, adapters, heads, gradients and running means, as a run with a starting adapter and a reward model holds them. */
function rolesOverBase(gpu: Gpu, model: Llama): number {
  const config = { ...defaultPpo(NANO), rank: 8, targets: LINEARS };
  const settings = { rank: 8, alpha: 16, rsLora: false, targets: LINEARS, dropout: 0 };
  const start = { settings, values: initialLora(model.config, settings, 1) };
  const reward = { ...start, head: new Float32Array(model.config.hiddenSize) };
  const roles = new Roles(gpu, model, { config, start, reward, resume: null });
  const base = weightBytes(model.weights);
  const bytes = roles.resident.reduce((sum, t) => sum + t.bytes, base);
  roles.dispose();
  return bytes / base;
}

async function driftOf(
  gpu: Gpu,
  model: Llama,
  asked: readonly GenerateRow[],
  drawn: readonly GeneratedRow[],
): Promise<number> {
  const batch = asked.length;
  const time = PROMPT + NEW - 1;
  const word = (label: string, data: number[]) => gpu.tensor(label, [data.length], 'u32', Uint32Array.from(data));
  const places = drawn.flatMap(({ ids }, b) => ids.map((_, t) => b * time + PROMPT - 1 + t));
  const tensors = {
    ids: word(
      'ids',
      asked.flatMap(({ promptIds }, b) => [...promptIds, ...(drawn[b]?.ids ?? []).slice(0, NEW - 1)]),
    ),
    starts: word('starts', Array<number>(batch).fill(0)),
    index: word('index', places),
    targets: word(
      'targets',
      drawn.flatMap(({ ids }) => ids),
    ),
  };
  const rec = new Recorder(gpu, 'full');
  const hidden = forward(rec, model, { ids: tensors.ids, starts: tensors.starts, batch, time });
  const out = rec.keep(
    logprobs(rec, gatherRows(rec, hidden, tensors.index), model.weights.head, tensors.targets).logprobs,
  );
  const program = await rec.compile();
  program.run();
  const full = await gpu.read(out);
  program.dispose();
  for (const t of Object.values(tensors)) t.slot?.buffer.destroy();
  const told = drawn.flatMap(({ logprobs }) => logprobs);
  return told.reduce((sum, logprob, i) => sum + Math.abs(logprob - (full[i] ?? Number.NaN)), 0) / told.length;
}
