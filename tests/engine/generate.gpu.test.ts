// Generation on a tiny random model: how answers end, what stops cost, and that repeating allocates nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder, plannedBytes } from '../../src/engine/decoder.ts';
import { generate, type GeneratedRow, type GenerateRow, type RowEvent } from '../../src/engine/generate.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { disposeWeights } from '../../src/engine/models/weights.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { rowsWithin } from '../../src/engine/training/evaluate.ts';
import { rowsAtOnce } from '../../src/engine/training/rollout.ts';
import { defaultSampling, type Sampling } from '../../src/records/sampling.ts';
import { testGpu } from '../gpu.ts';
import { countCalls } from './calls.ts';
import { filesIn } from './files.ts';
import { answers } from './nano.ts';

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
let decoder: Decoder;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const loaded = await loadLlama(gpu, filesIn('tests/goldens/qwen3'));
  // No end token unless a test names one: random models end at any time.
  model = { ...loaded, config: { ...loaded.config, eosIds: [] } };
  // Its ids 0…82 are read with nano's tokenizer: single characters, and bytes that are none.
  tokenizer = await Tokenizer.load(filesIn('public/models/nano'));
  decoder = new Decoder(gpu, model);
});
afterAll(() => {
  decoder.dispose();
  gpu.destroy();
});

const PROMPT = [20, 31, 42, 53, 64];
const row = (sampling: Partial<Sampling> = {}, more: Partial<GenerateRow> = {}): GenerateRow => ({
  promptIds: PROMPT,
  sampling: { ...defaultSampling(), maxNewTokens: 10, ...sampling },
  ...more,
});
const run = (...rows: GenerateRow[]) => answers(decoder, tokenizer, rows);

async function watch(rows: GenerateRow[], signal?: AbortSignal, onEvent?: (e: RowEvent) => void) {
  const events: RowEvent[] = [];
  const running = generate({ decoder, tokenizer, rows, signal });
  for (;;) {
    const { done, value } = await running.next();
    if (done) return { events, rows: value };
    events.push(value);
    onEvent?.(value);
  }
}

describe('an answer', () => {
  let plain: GeneratedRow;
  beforeAll(async () => {
    plain = (await run(row()))[0] as GeneratedRow;
  });

  it('ends after maxNewTokens, with one log-probability per id', () => {
    expect(plain).toMatchObject({ finish: 'length', text: tokenizer.decode(plain.ids) });
    expect([plain.ids.length, plain.logprobs.length]).toEqual([10, 10]);
    expect(plain.logprobs.every((p) => p < 0 && p > -20)).toBe(true);
    expect(plain.firstTokenMs).toBeGreaterThan(0);
    expect(plain.tokensPerSecond).toBeGreaterThan(0);
  });

  it('comes in events whose ids and texts add up to it', async () => {
    const { events, rows } = await watch([row(), row({ maxNewTokens: 3 })]);
    rows.forEach((result, b) => {
      const own = events.filter((e) => e.row === b);
      expect(own.flatMap((e) => e.newIds)).toEqual(result.ids);
      own.forEach((e, i) => expect(e.text.startsWith(own[i - 1]?.text ?? '')).toBe(true));
      expect(own.at(-1)).toMatchObject({ text: result.text, finish: 'length' });
      expect(own.slice(0, -1).every((e) => e.finish === null)).toBe(true);
    });
    expect(rows[1]?.ids).toEqual(plain.ids.slice(0, 3));
  });

  it('ends at the first end token, which it keeps in its ids and not in its text', async () => {
    const end = plain.ids[4] ?? 0;
    const first = plain.ids.indexOf(end);
    const ending = new Decoder(gpu, { ...model, config: { ...model.config, eosIds: [82, end] } });
    const [answer] = await answers(ending, tokenizer, [row()]);
    ending.dispose();
    expect(answer).toMatchObject({ finish: 'eos', ids: plain.ids.slice(0, first + 1) });
  });

  it('ends before a stop string that begins and ends inside tokens', async () => {
    const text = plain.text;
    const stop = text.slice(4, 7);
    expect(stop.length).toBe(3);
    const { events, rows } = await watch([row({}, { stop: [stop, ''] })]);
    expect(rows[0]).toMatchObject({ finish: 'stop', text: text.slice(0, text.indexOf(stop)) });
    expect(rows[0]?.ids).toEqual(plain.ids.slice(0, rows[0]?.ids.length));
    for (const e of events) expect(rows[0]?.text.startsWith(e.text)).toBe(true);
  });

  it('ends when the context is full', async () => {
    const promptIds = Array.from({ length: 60 }, (_, i) => 3 + i);
    const [answer] = await run(row({ maxNewTokens: 50 }, { promptIds }));
    expect(answer).toMatchObject({ finish: 'length' });
    expect(answer?.ids.length).toBe(model.config.contextLength - 60);
  });

  it('is the same for one seed, another for another seed, and for another stream', async () => {
    const hot = (seed: number, stream = 0) => row({ temperature: 1.5, seed }, { stream });
    const [a, b, c, d] = await run(hot(1), hot(1), hot(2), hot(1, 1));
    expect(b).toMatchObject({ ids: a?.ids, logprobs: a?.logprobs });
    expect(c?.ids).not.toEqual(a?.ids);
    expect(d?.ids).not.toEqual(a?.ids);
  });

  it('does not depend on the room of its cache, to the bit', async () => {
    const own = new Decoder(gpu, model);
    const roomy = await own.borrow(1, PROMPT.length, model.config.contextLength);
    expect(roomy.capacity).toBe(64);
    own.giveBack(roomy);
    const [inRoomy] = await answers(own, tokenizer, [row()]);
    own.dispose();
    const tight = new Decoder(gpu, model);
    const [inTight] = await answers(tight, tokenizer, [row()]);
    tight.dispose();
    expect(inRoomy?.ids).toEqual(inTight?.ids);
    expect(inRoomy?.logprobs).toEqual(inTight?.logprobs);
  });
});

it('a session of prompts of many lengths takes the memory of the longest once, and gives the same bits', async () => {
  const own = new Decoder(gpu, model);
  own.giveBack(await own.borrow(1, 60, 64));
  const calls = countCalls(gpu.device);
  for (const longest of [40, 30, 20, 5]) own.giveBack(await own.borrow(1, longest, 64));
  calls.restore();
  expect(calls.counts.createBuffer).toBe(4 * 2); // of each length the ids and the numbers of its dispatches
  const [shared] = await answers(own, tokenizer, [row()]);
  own.dispose();
  const other = new Decoder(gpu, model);
  const [alone] = await answers(other, tokenizer, [row()]);
  other.dispose();
  expect(shared).toMatchObject({ ids: alone?.ids, logprobs: alone?.logprobs });
});

it('as many rows are drawn at once as the device can bind, whatever memory there is; never none', () => {
  const long = { ...model, config: { ...model.config, contextLength: 2 ** 17 } };
  const limit = gpu.device.limits.maxStorageBufferBindingSize;
  const wide = 4 * 2 ** 17 * Math.max(model.config.intermediateSize, model.config.heads * model.config.headDim); // of a row
  const most = Math.floor(limit / wide);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThan(16);
  for (const rows of [rowsAtOnce(gpu, long, 16, Infinity), rowsWithin(Infinity, gpu, long, 16, Infinity)]) {
    expect(rows).toBeGreaterThan(1);
    expect(rows).toBeLessThanOrEqual(most);
  }
  const keys = { ...long, config: { ...long.config, kvHeads: 2 ** 12 } };
  expect(() => plannedBytes(gpu, keys, 2)).toThrow(/^session: the keys of a layer/);
});

describe('stopping', () => {
  it('an aborted signal ends every row as cancelled, with what it has', async () => {
    const abort = new AbortController();
    const { rows } = await watch([row({ maxNewTokens: 40 }), row({ maxNewTokens: 1 })], abort.signal, () =>
      abort.abort(),
    );
    expect(rows[0]?.finish).toBe('cancelled');
    expect(rows[0]?.ids.length).toBeGreaterThan(0);
    expect(rows[0]?.ids.length).toBeLessThan(40);
    expect(rows[1]?.finish).toBe('length');
  });
  it('a signal that was aborted before computes nothing', async () => {
    const { rows, events } = await watch([row()], AbortSignal.abort());
    expect(rows[0]).toMatchObject({ finish: 'cancelled', ids: [], text: '', tokensPerSecond: 0 });
    expect(events).toEqual([]);
  });
  it('consumers that walk away leave nothing behind: the next answer is the usual one', async () => {
    const [before] = await run(row({ maxNewTokens: 30 }));
    // More often than blocks may be under way: each of them must be let go.
    for (let i = 0; i < 4; i++) {
      const running = generate({ decoder, tokenizer, rows: [row({ maxNewTokens: 30 })] });
      await running.next();
      await running.return([]);
    }
    const [after] = await run(row({ maxNewTokens: 30 }));
    expect(after).toMatchObject({ ids: before?.ids, logprobs: before?.logprobs });
  });
});

describe('what it costs', () => {
  it('the second answer of a kind creates no buffer, no bind group, no pipeline', async () => {
    await run(row({}, { promptIds: [...PROMPT, 9] }));
    const calls = countCalls(gpu.device);
    const [answer] = await run(row({ temperature: 1, seed: 3 }));
    calls.restore();
    expect(answer?.ids.length).toBe(10);
    expect(calls.counts).toEqual({});
  });
  it('a decoder keeps two sessions, and frees every buffer in the end', async () => {
    const calls = countCalls(gpu.device);
    const own = new Decoder(gpu, model);
    const alive: number[] = [];
    for (const batch of [1, 2, 3]) {
      await answers(
        own,
        tokenizer,
        Array.from({ length: batch }, () => row({ maxNewTokens: 2 })),
      );
      alive.push(calls.alive());
    }
    const [one = 0, two, three] = alive;
    expect([two, three]).toEqual([2 * one, 2 * one]);
    own.dispose();
    calls.restore();
    expect(calls.counts.createBuffer).toBeGreaterThan(0);
    expect(calls.alive()).toBe(0);
  });
  it('a model frees every buffer when it is disposed', async () => {
    const calls = countCalls(gpu.device);
    const { weights } = await loadLlama(gpu, filesIn('tests/goldens/qwen3'));
    expect(calls.alive()).toBeGreaterThan(20);
    disposeWeights(weights);
    calls.restore();
    expect(calls.alive()).toBe(0);
  });
});

describe('what cannot be done is refused in words', () => {
  it.each([
    ['no row', [], /at least one row is needed, got 0\. Give it a prompt\.$/],
    ['an empty prompt', [row({}, { promptIds: [] })], /must have 1 to 63 tokens, got 0 in row 0\. Shorten/],
    ['a full context', [row(), row({}, { promptIds: new Array<number>(64).fill(5) })], /got 64 in row 1\. Shorten/],
    [
      'a foreign id',
      [row({}, { promptIds: [5, 83] })],
      /whole numbers below 83, got 83 in row 0\. Use the model's own/,
    ],
    ['a setting out of range', [row({ topP: 7 })], /topP: must lie between/],
  ])('%s', async (_, rows, sentence) => {
    await expect(run(...rows)).rejects.toThrow(sentence);
  });
});
