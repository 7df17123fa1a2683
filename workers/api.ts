// Everything that crosses a thread, on one screen: types only. Implementations are checked with `satisfies`.
// Arguments and results are records or plain objects; callbacks are wrapped in comlink's proxy() by workers/connect.ts.
import type { EngineEvent, LoadedModel } from '../src/engine/engine.ts';
import type { GeneratedRow, GenerateRow, RowEvent as TokenEvent } from '../src/engine/generate.ts';
import type { Prompt } from '../src/engine/prompt.ts';
import type { TokenPiece } from '../src/engine/tokenizer.ts';
import type { Source as SourceText } from '../src/retrieval/retrieve.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import type { Passage } from '../src/records/generation.ts';
import type { BenchResult, DeviceReport, GateResult } from '../src/records/report.ts';

export type {
  EngineEvent,
  LoadedModel,
  GenerateRow,
  GeneratedRow,
  Prompt as RenderedPrompt,
  TokenEvent,
  TokenPiece,
  SourceText,
};

export interface CheckEvent {
  gate?: GateResult;
  bench?: BenchResult;
  /** 0…1 of the whole check. */
  progress: number;
}

/** Owns the GPU device and the models. Jobs are queued; a lost device is rebuilt and the job is run again. */
export interface EngineApi {
  device(): Promise<DeviceReport>;
  /** Everything that happens to the engine between and during calls: loading, compiling, a lost device, its return. */
  listen(onEvent: (event: EngineEvent) => void): Promise<void>;
  /** `siteUrl` is where the site lives (document.baseURI): model urls are relative to it. */
  load(model: BaseModel, siteUrl: string): Promise<LoadedModel>;
  /** The prompt cut exactly to the context by the model's own tokenizer, `reserve` tokens kept for the answer. */
  render(question: string, passages: Passage[], reserve: number): Promise<Prompt>;
  pieces(ids: number[]): Promise<TokenPiece[]>;
  /** Rows are one batch (two answers = two rows with different seeds). Resolves when every row has ended. */
  generate(jobId: string, rows: GenerateRow[], onToken: (event: TokenEvent) => void): Promise<GeneratedRow[]>;
  /** Ends a job at the next token; its rows come back with finish "cancelled". */
  cancel(jobId: string): Promise<void>;
  /** The numerics gate alone: does every kernel compute right on this device? */
  gate(): Promise<GateResult[]>;
  /** The numerics gate over every kernel, then a ten-second bench. */
  check(onEvent: (event: CheckEvent) => void): Promise<{ gate: GateResult[]; bench: BenchResult[] }>;
  /** Destroys the device on purpose, to show that it comes back. */
  destroyDevice(): Promise<void>;
}

/** Finds passages. Lexical for now: the embedder and the vector index come with the corpus stage. */
export interface RetrievalApi {
  /** The `count` passages of `sentences` sentences each that match the question best, best first, with their scores. */
  passages(
    texts: SourceText[],
    question: string,
    options: { count: number; sentences: number },
  ): Promise<{ passage: Passage; score: number }[]>;
  /** The sentence of the texts that matches the answer (and its question) best; null when nothing matches. */
  evidence(texts: SourceText[], question: string, answer: string): Promise<Passage | null>;
}
