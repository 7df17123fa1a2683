// Everything that crosses a thread, on one screen: types only. Implementations are checked with `satisfies`.
// Arguments and results are records or plain objects; callbacks are wrapped in comlink's proxy() by workers/connect.ts.
import type { SplitSettings } from '../src/curation/split.ts';
import type { EngineEvent, LoadedModel } from '../src/engine/engine.ts';
import type { GeneratedRow, GenerateRow, RowEvent as TokenEvent } from '../src/engine/generate.ts';
import type { Prompt } from '../src/engine/prompt.ts';
import type { TokenPiece } from '../src/engine/tokenizer.ts';
import type { Adapter } from '../src/records/adapter.ts';
import type { BaseModel, Precision } from '../src/records/baseModel.ts';
import type { Comparison, TaskFile, TaskHead } from '../src/records/comparison.ts';
import type { ChunkSettings, CorpusSettings, CorpusStatus, Outline } from '../src/records/corpus.ts';
import type { SftConfig } from '../src/records/config.ts';
import type { Demonstration, DemonstrationRow } from '../src/records/demonstration.ts';
import type { Document } from '../src/records/document.ts';
import type { Embedder } from '../src/records/embedder.ts';
import type { Judgement } from '../src/records/feedback.ts';
import type { Passage } from '../src/records/generation.ts';
import type { FeedbackFormat, Invalid, Loss, MergeReport } from '../src/records/merging.ts';
import type { MergePolicy, ShownPreference } from '../src/records/preference.ts';
import type { PpoConfig } from '../src/records/ppoConfig.ts';
import type { ProjectPrompt } from '../src/records/prompt.ts';
import type { ReadProblem, ReadProgress } from '../src/records/reading.ts';
import type { BenchResult, DeviceReport, GateResult } from '../src/records/report.ts';
import type { RewardConfig } from '../src/records/rewardConfig.ts';
import type { RowMapping, RowsPreview } from '../src/records/rowMapping.ts';
import type { Rule } from '../src/records/rules.ts';
import type { Run, RunData, RunEvent, RunPlan } from '../src/records/run.ts';
import type { Hit, IndexEvent, SearchOptions, SearchResult } from '../src/records/search.ts';

export type { EngineEvent, LoadedModel, GenerateRow, GeneratedRow, Prompt as RenderedPrompt, TokenEvent, TokenPiece };
export type { Hit, IndexEvent, SearchOptions, SearchResult };

/** A row as the trainer reads it. */
export interface InspectedRow {
  pieces: TokenPiece[];
  /** Per token: 1 where it carries loss. */
  mask: Uint8Array;
  /** Tokens that were cut from the end. */
  cutTokens: number;
}

/** Of every row in the order asked, [n] each. */
export interface RowLengths {
  tokens: Uint32Array;
  /** Tokens that carry loss. */
  completion: Uint32Array;
}

/** What a run would be, before anything is started. */
export interface Forecast {
  data: RunData;
  steps: number;
  plan: RunPlan;
  /** Of one step on this device, in ms, from its measured speed. */
  stepMs: number;
  /** Of all that comes beside the steps, in ms: compiling, tests, answers. */
  besideMs: number;
  /** Why it cannot run as it stands (a sentence); null when it can. */
  problem: string | null;
}

/** An answer to be scored, and what it answers. */
export interface ScoredText {
  prompt: string;
  completion: string;
}

/** What rules give an answer: by rule 0 … 1, and all of them weighed. */
export interface RuleScores {
  values: number[];
  total: number;
}

/** Live: what is also in the log, and where it stands. */
export type TrainEvent =
  | { kind: 'run'; run: Run }
  | { kind: 'event'; event: RunEvent }
  /** The log was cut back to this index: what came after the checkpoint is computed again. */
  | { kind: 'cut'; runId: string; from: number }
  /** Between steps: what it does now, and 0…1 of it where that is known. */
  | {
      kind: 'doing';
      runId: string;
      what:
        | 'preparing'
        | 'compiling'
        | 'training'
        | 'evaluating'
        | 'counting'
        | 'countingBase'
        | 'sampling'
        | 'rolling' // PPO: answers are sampled
        | 'scoring'
        | 'optimising'
        | 'saving'
        | 'answering';
      share: number | null;
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
  load(model: BaseModel, siteUrl: string, precision: Precision): Promise<LoadedModel>;
  /** The prompt cut exactly to the context by the model's own tokenizer, `reserve` tokens kept for the answer. */
  render(question: string, passages: Passage[], reserve: number): Promise<Prompt>;
  pieces(ids: number[]): Promise<TokenPiece[]>;
  /** Rows are one batch (two answers = two rows with different seeds). Resolves when every row has ended. */
  generate(jobId: string, rows: GenerateRow[], onToken: (event: TokenEvent) => void): Promise<GeneratedRow[]>;
  /** How the trainer reads a row. Needs the model's tokenizer alone, no GPU. */
  inspect(model: BaseModel, siteUrl: string, row: DemonstrationRow, maxLength: number): Promise<InspectedRow>;
  lengths(model: BaseModel, siteUrl: string, rows: DemonstrationRow[]): Promise<RowLengths>;
  /** Reads the project's demonstrations; starts nothing. */
  forecast(projectId: string, config: SftConfig): Promise<Forecast>;
  forecastReward(projectId: string, config: RewardConfig): Promise<Forecast>;
  forecastPpo(projectId: string, config: PpoConfig): Promise<Forecast>;
  /** What a reward model (an adapter of the loaded base) gives each answer, in order; a text that is too long gets null. */
  score(adapterId: string, texts: ScoredText[], onProgress: (share: number) => void): Promise<(number | null)[]>;
  /** Needs neither model nor GPU. */
  scoreByRules(rules: Rule[], text: ScoredText & { answer: string | null }): Promise<RuleScores>;
  /** Trains the stored run, from its checkpoint where it has one. Resolves with the run as it ended (done, paused,
   *  stopped or failed, its problem said); other jobs go between its steps. One run at a time. */
  train(runId: string, onEvent: (event: TrainEvent) => void): Promise<Run>;
  /** Ends it after the step under way with a checkpoint; train() goes on. */
  pauseTraining(runId: string): Promise<void>;
  /** Ends it after the step under way and keeps the adapter as it is. */
  stopTraining(runId: string): Promise<void>;
  /** The base with the adapter folded in: a folder in hub layout, zipped. */
  exportMerged(adapterId: string, siteUrl: string): Promise<Blob>;
  /** Ends a job at the next token; its rows come back with finish "cancelled". */
  cancel(jobId: string): Promise<void>;
  /** The numerics gate alone: does every kernel compute right on this device? */
  gate(): Promise<GateResult[]>;
  /** The numerics gate over every kernel, then a ten-second bench. */
  check(onEvent: (event: CheckEvent) => void): Promise<{ gate: GateResult[]; bench: BenchResult[] }>;
  /** Destroys the device on purpose, to show that it comes back. */
  destroyDevice(): Promise<void>;
}

/** Chunks, rows and search. Reads the documents from storage by itself; `siteUrl` is document.baseURI. */
export interface RetrievalApi {
  /** What of the project is cut and embedded under these settings. */
  status(projectId: string, settings: CorpusSettings): Promise<CorpusStatus>;
  /** The chunks that these settings would cut of a document; nothing is stored. */
  preview(documentId: string, chunks: ChunkSettings, embedderId: string, siteUrl: string): Promise<Outline>;
  /** Cuts and embeds what is not yet; every batch is kept, so that a next call goes on where this one ended. */
  index(
    jobId: string,
    projectId: string,
    settings: CorpusSettings,
    siteUrl: string,
    onEvent: (event: IndexEvent) => void,
  ): Promise<CorpusStatus>;
  /** Ends an indexing after the batch under way; what is done stays. */
  cancel(jobId: string): Promise<void>;
  search(
    projectId: string,
    settings: CorpusSettings,
    siteUrl: string,
    query: string,
    options: SearchOptions,
  ): Promise<SearchResult>;
  /** The sentence of these documents that matches the answer (and its question) best; null when nothing matches. */
  evidence(projectId: string, documentIds: string[], question: string, answer: string): Promise<Passage | null>;
  /** Takes a folder in hub layout as an embedder: checks it by embedding a sentence, then keeps its files. */
  addEmbedder(files: { path: string; file: File }[]): Promise<Embedder>;
  removeEmbedder(id: string): Promise<void>;
}

/** A file of rows on its way into the table; without a mapping its columns suggest one. */
export interface RowsFile {
  file: File;
  mapping: RowMapping | null;
  /** null = the seeded split says. */
  split: Demonstration['split'];
}

export interface RowsTarget {
  projectId: string;
  createdAt: string;
  /** Of the first row. */
  position: number;
}

export interface RowsImport {
  /** Of all rows that came with it: see storage/demonstrations.ts. */
  importId: string;
  added: number;
  /** Rows that the project has already. */
  known: number;
  /** Lines that are no rows. */
  refused: number;
}

export type Imported = { document: Document } | { problem: ReadProblem; detail: string };

/** What an import of corpus files brought. */
export interface CorpusImport {
  documents: Document[];
  problems: { name: string; problem: ReadProblem; detail: string }[];
  /** Rows taken over as they came; 0 = the texts must be embedded anew, `reason` says why. */
  rows: number;
  reason: string | null;
  /** Settings under which the rows serve, where they are not the project's: an empty project takes them over. */
  chunking: ChunkSettings | null;
}

/** A file of tasks before it is taken in. */
export interface TasksPreview {
  format: FeedbackFormat | null;
  unit: 'line' | 'entry';
  head: TaskHead;
  /** The first few of those that would come. */
  tasks: Comparison[];
  /** Those that would come. */
  count: number;
  /** Those that are in the project already, or twice in the file. */
  there: number;
  problems: { line: number; problem: string }[];
  /** The same bytes are in the project already. */
  known: TaskFile | null;
  /** They are in another one. */
  elsewhere: TaskFile | null;
}

export interface TasksImport {
  /** Those that are new. */
  ids: string[];
  /** Of the same question and answers as one that is there. */
  known: number;
  refused: number;
}

/** Which rows of the merged dataset are wanted. */
export interface PreferenceFilter {
  words: string;
  side: 'all' | 'train' | 'test';
  kind: 'all' | 'excluded' | 'changed' | 'edited' | 'tie' | 'disputed' | 'commented';
  /** '' = all. */
  annotator: string;
  tag: string;
}

export type PreferenceFile =
  | 'rlhf' // dataset_rlhf.jsonl
  | 'split' // train.jsonl and test.jsonl of the same rows, zipped
  | 'conversational'
  | 'kto'
  | 'sft' // demonstrations from edits
  | 'argilla'
  | 'labelStudio'
  | 'csv'
  | 'parquet'
  | 'card'; // README.md

/** Reads, keeps and exports files, off the main thread. */
export interface DataApi {
  /** Reads a file and keeps its text and bytes as a document of the project. Bad files are outcomes, not errors. */
  importFile(
    jobId: string,
    file: File,
    target: { projectId: string; createdAt: string; name?: string },
    siteUrl: string,
    onProgress: (progress: ReadProgress) => void,
  ): Promise<Imported>;
  /** Ends an import at its next page or part; nothing of it is kept. */
  cancel(jobId: string): Promise<void>;
  /** `data/documents/`, `data/metadata.json` and `data/index.faiss` in one zip. */
  exportCorpus(
    projectId: string,
    embedder: Embedder,
    settings: CorpusSettings,
    onProgress: (progress: ReadProgress) => void,
  ): Promise<Blob>;
  /** The same three, zipped or as a folder's files, made here or by Python. */
  importCorpus(
    jobId: string,
    files: { path: string; file: File }[],
    target: { projectId: string; createdAt: string },
    embedder: Embedder,
    settings: CorpusSettings,
    siteUrl: string,
    onProgress: (progress: ReadProgress) => void,
  ): Promise<CorpusImport>;
  /** How a file of demonstrations would be read; nothing is kept. */
  previewRows(file: File, mapping: RowMapping | null): Promise<RowsPreview>;
  /** All of them or none. */
  importRows(files: RowsFile[], target: RowsTarget): Promise<RowsImport>;
  /** train.jsonl and test.jsonl of a project, as TRL reads them. */
  exportRows(projectId: string, settings: SplitSettings): Promise<{ train: Blob; test: Blob }>;
  /** A PEFT folder, zipped; that of a reward model holds the base's tokenizer, for which `siteUrl` is document.baseURI. */
  exportAdapter(adapterId: string, siteUrl: string): Promise<Blob>;
  /** A PEFT folder's files, or a zip of them; refused in words when it does not fit the base. */
  importAdapter(
    files: { path: string; file: File }[],
    target: { projectId: string; createdAt: string; model: BaseModel },
    siteUrl: string,
  ): Promise<Adapter>;
  /** Its record and its file. */
  removeAdapter(adapterId: string): Promise<void>;
  /** How a file of tasks would be taken in; nothing is kept. */
  previewTasks(file: File, projectId: string): Promise<TasksPreview>;
  /** All of its good lines, in one strict write; comparisons that are there already are not added again. */
  importTasks(file: File, target: { projectId: string; createdAt: string }): Promise<TasksImport>;
  /** prompts.jsonl ({"prompt", "answer"?} a line) into the project's prompts; bad lines are told, good ones come. */
  importPrompts(
    file: File,
    target: { projectId: string; createdAt: string },
  ): Promise<{ added: ProjectPrompt[]; known: number; problems: { line: number; problem: string }[] }>;
  /** Keeps files of feedback as they are; the same bytes once. Bad lines are told by mergeReport. */
  addFeedbackFiles(
    files: File[],
    target: { projectId: string; addedAt: string },
  ): Promise<{ added: string[]; known: string[] }>;
  /** The dry run: this project's feedback and its files merged under a policy; nothing is kept. */
  mergeReport(projectId: string, policy: MergePolicy): Promise<MergeReport>;
  /** The same, and its preferences take the place of those that are stored. */
  merge(projectId: string, policy: MergePolicy): Promise<MergeReport>;
  /** The judgements behind a loss of the last report, or of a preference. */
  findJudgements(
    projectId: string,
    wanted: { loss: Loss } | { ids: string[] },
    from: number,
    count: number,
  ): Promise<{ total: number; judgements: Judgement[] }>;
  /** The lines that could not be read. */
  findInvalid(projectId: string, from: number, count: number): Promise<{ total: number; lines: Invalid[] }>;
  /** A window of the stored preferences, edits laid over them, in their order. */
  findPreferences(
    projectId: string,
    filter: PreferenceFilter,
    split: SplitSettings,
    from: number,
    count: number,
  ): Promise<{ total: number; all: number; rows: ShownPreference[]; annotators: string[]; tags: string[] }>;
  exportPreferences(
    projectId: string,
    file: PreferenceFile,
    split: SplitSettings,
  ): Promise<{ name: string; blob: Blob }>;
  /** feedback.jsonl of one annotator, or of all (null); of one task file's comparisons, or of whatever was judged (null). */
  exportFeedback(projectId: string, annotator: string | null, taskFileId: string | null): Promise<Blob>;
}
