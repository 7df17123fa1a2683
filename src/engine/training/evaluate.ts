// How well the model does on rows that it is not trained on: losses in one forward pass, answers by greedy generation.
//
// Generators: each value is a place at which a run may be ended; they return null when their signal was aborted.
import type { DemonstrationRow } from '../../records/demonstration.ts';
import { defaultSampling } from '../../records/sampling.ts';
import { plannedBytes, rowsFit, type Decoder } from '../decoder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Llama } from '../models/llama.ts';
import { generate, type GenerateRow } from '../generate.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { arraysOf, inOrder, type Bucket } from './batches.ts';
import type { EncodedRow } from './rows.ts';
import type { TrainingStep } from './step.ts';

/** 0…1 of an evaluation. */
type Share = number;

export interface TestLosses {
  /** Mean over all completion tokens. */
  loss: number;
  perplexity: number;
  accuracy: number;
}

interface Pace {
  signal?: AbortSignal;
  sliceMs?: number;
  /** Bytes on the GPU for all answers. */
  room?: number;
}

export async function* testLosses(
  step: TrainingStep,
  rows: readonly EncodedRow[],
  buckets: readonly Bucket[],
  { signal, sliceMs }: Pace,
): AsyncGenerator<Share, TestLosses | null, void> {
  const batches = inOrder(rows, buckets);
  const tokens = rows.reduce((sum, { mask }) => sum + mask.reduce((a, b) => a + b, 0), 0);
  step.forgetEvaluated(); // what an evaluation that was ended has left
  for (const [i, batch] of batches.entries()) {
    if (signal?.aborted) return null;
    step.evaluate({ ...arraysOf(rows, batch), bucket: batch.bucket }, 1 / tokens, sliceMs);
    await step.plan.gpu.idle();
    yield (i + 1) / batches.length;
  }
  const { loss, hits } = await step.evaluated();
  return { loss, perplexity: Math.exp(loss), accuracy: hits / tokens };
}

/** Of a row that asks something. */
export interface Question {
  promptIds: readonly number[];
  expected: string;
}

/** What a row asks and what it wants to hear; null for bare text, which asks nothing. */
export function questionOf(tokenizer: Tokenizer, row: DemonstrationRow): Question | null {
  if ('text' in row) return null;
  if ('prompt' in row)
    return { promptIds: tokenizer.chat([{ role: 'user', content: row.prompt }]), expected: row.completion };
  const last = row.messages.findLastIndex((turn) => turn.role === 'assistant');
  const expected = row.messages[last]?.content ?? '';
  return last < 1 ? null : { promptIds: tokenizer.chat(row.messages.slice(0, last)), expected };
}

/** Rows answered at once. */
export const ANSWERS = 16;
/** An answer that goes on so long after the expected one could have ended is another answer. */
export const SLACK = 8;

/** Sessions side by side: one for the fixed prompts of a run, one for its test rows. */
const SESSIONS = 2;

/** The least that answers between the steps of a run take: one row at full context in each session. */
export const answerBytes = (gpu: Gpu, model: Llama): number => SESSIONS * plannedBytes(gpu, model);

/** How many rows of up to `positions` tokens may be answered at once within `bytes`: at least one, at most `wanted`. */
export function rowsWithin(bytes: number, gpu: Gpu, model: Llama, wanted: number, positions: number): number {
  let rows = wanted;
  while (rows > 1 && !rowsFit(gpu, model, rows, positions, bytes)) rows--;
  return rows;
}

/** Greedy answers, in the order of the rows; a prompt that leaves no room for an answer gets ''. */
export async function* greedyAnswers(
  decoder: Decoder,
  tokenizer: Tokenizer,
  asked: readonly { promptIds: readonly number[]; maxNewTokens: number }[],
  { signal, sliceMs, room = Infinity }: Pace,
): AsyncGenerator<Share, string[] | null, void> {
  const texts = asked.map(() => '');
  // The longest first: what holds them holds all others, so that few programs are recorded.
  const order = asked
    .map((_, i) => i)
    .filter((i) => (asked[i]?.promptIds.length ?? 0) < decoder.model.config.contextLength)
    .sort((a, b) => (asked[b]?.promptIds.length ?? 0) - (asked[a]?.promptIds.length ?? 0));
  const positions = Math.max(0, ...asked.map(({ promptIds, maxNewTokens }) => promptIds.length + maxNewTokens));
  const wanted = Math.min(ANSWERS, order.length);
  const batch = rowsWithin(room / SESSIONS, decoder.gpu, decoder.model, wanted, positions);
  for (let at = 0; at < order.length; at += batch) {
    // The last batch is filled up with its last row: one more size would be one more program.
    const members = Array.from({ length: batch }, (_, i) => order[Math.min(at + i, order.length - 1)] as number);
    const rows = members.map((member): GenerateRow => {
      const { promptIds, maxNewTokens } = asked[member] as (typeof asked)[number];
      return { promptIds, sampling: { ...defaultSampling(), temperature: 0, repetitionPenalty: 1, maxNewTokens } };
    });
    const answers = generate({ decoder, tokenizer, rows, signal, sliceMs });
    try {
      let next = await answers.next();
      for (; !next.done; next = await answers.next()) yield at / order.length;
      if (signal?.aborted) return null;
      next.value.forEach(({ text }, i) => (texts[members[i] as number] = text));
    } finally {
      await answers.return([]);
    }
  }
  return texts;
}

/** The share of questions that are answered word for word. */
export async function* exactMatch(
  decoder: Decoder,
  tokenizer: Tokenizer,
  questions: readonly Question[],
  pace: Pace,
): AsyncGenerator<Share, number | null, void> {
  const asked = questions.map(({ promptIds, expected }) => ({
    promptIds,
    maxNewTokens: tokenizer.encode(expected).length + SLACK,
  }));
  const texts = yield* greedyAnswers(decoder, tokenizer, asked, pace);
  if (!texts) return null;
  return texts.filter((text, i) => text.trim() === questions[i]?.expected.trim()).length / texts.length;
}
