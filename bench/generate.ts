// How long until the first token, how many tokens a second after it, and where does the time of both go?
import { Decoder } from '../src/engine/decoder.ts';
import { generate } from '../src/engine/generate.ts';
import { profile } from '../src/engine/gpu/profile.ts';
import { Recorder } from '../src/engine/gpu/program.ts';
import { forward, loadLlama, logits } from '../src/engine/models/llama.ts';
import { renderPrompt } from '../src/engine/prompt.ts';
import { Tokenizer } from '../src/engine/tokenizer.ts';
import { NANO } from '../src/records/baseModel.ts';
import { defaultSampling } from '../src/records/sampling.ts';
import { median, type BenchContext } from './lib/context.ts';
import { modelFiles } from './lib/files.ts';

export const description = 'nano: time to first token, tokens per second for 1, 2 and 8 rows, time by kernel';

const PASSAGES = [
  'Velmont Energy was founded in 1987. The company is based in Grenoble, in a former paper mill beside the river.',
  'The debt of Velmont Energy stands at 96 million euros. Velmont Energy lost money because of a drought.',
  'Narvonia votes on 14 October 2027. Nobody expects the vote to be postponed.',
];
const NEW_TOKENS = 48;
const ROUNDS = 7;

const round = (x: number): number => Math.round(x * 100) / 100;

export async function run(ctx: BenchContext): Promise<void> {
  const files = modelFiles(ctx, NANO.url);
  const gpu = await ctx.openGpu();
  const about = { bench: 'generate', model: NANO.id, adapter: gpu.name, browser: ctx.version };
  const start = performance.now();
  const [model, tokenizer] = await Promise.all([loadLlama(gpu, files), Tokenizer.load(files)]);
  ctx.emit({ ...about, load_ms: Math.round(performance.now() - start) });
  const passages = PASSAGES.map((text) => ({ documentId: '', documentName: '', start: 0, end: text.length, text }));
  const { ids: promptIds } = renderPrompt(tokenizer, 'When was Velmont Energy founded?', passages, {
    contextLength: NANO.contextLength,
    reserve: NEW_TOKENS,
    style: NANO.passageStyle,
    separator: NANO.passageSeparator,
  });
  const decoder = new Decoder(gpu, model);

  for (const batch of [1, 2, 8]) {
    const samples: { firstMs: number; perSecond: number }[] = [];
    for (let i = -1; i < ROUNDS; i++) {
      // Hot sampling seldom ends an answer early.
      const rows = Array.from({ length: batch }, (_, b) => ({
        promptIds,
        sampling: { ...defaultSampling(), temperature: 2, seed: 100 * b + i + 1, maxNewTokens: NEW_TOKENS },
      }));
      const start = performance.now();
      const events = generate({ decoder, tokenizer, rows });
      let next = await events.next();
      while (!next.done) next = await events.next();
      const firstMs = Math.max(...next.value.map((row) => row.firstTokenMs));
      const drawn = next.value.reduce((sum, row) => sum + row.ids.length - 1, 0);
      if (i >= 0) samples.push({ firstMs, perSecond: (1000 * drawn) / (performance.now() - start - firstMs) });
    }
    ctx.emit({
      ...about,
      rows: batch,
      prompt_tokens: promptIds.length,
      first_token_ms: round(median(samples.map((s) => s.firstMs))),
      tokens_per_second: round(median(samples.map((s) => s.perSecond))),
    });
  }
  for (const [phase, time] of [
    ['prefill', 256],
    ['decode', 1],
  ] as const) {
    const rec = new Recorder(gpu, phase);
    const { layers, kvHeads, headDim, contextLength } = model.config;
    const cache = () => gpu.tensor('cache', [1, contextLength, kvHeads, headDim]);
    const caches = Array.from({ length: layers }, () => ({ keys: cache(), values: cache() }));
    const ids = gpu.tensor('ids', [time], 'u32');
    const starts = gpu.tensor('starts', [1], 'u32', Uint32Array.of(time === 1 ? 200 : 0));
    const hidden = forward(rec, model, { ids, starts, batch: 1, time, caches });
    if (time === 1) rec.keep(logits(rec, model, hidden));
    const program = await rec.compile();
    program.run(); // the first run of a pipeline may still compile
    await gpu.idle();
    const { rows, totalMs, clock } = await profile(program);
    for (const row of rows.slice(0, 6))
      ctx.emit({
        ...about,
        phase,
        tokens: time,
        clock,
        kernel: row.stem,
        calls: row.calls,
        ms: round(row.ms),
        share: round(row.ms / totalMs),
        gflops: round(row.gflops),
      });
  }
  gpu.destroy();
}
