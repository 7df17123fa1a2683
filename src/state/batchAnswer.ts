// One prompt of a batch answered: its own passages or those that are found as on Ask, then every contender in one job.
import type { Batch } from '../records/batch.ts';
import { splitPrompt, type ComparisonPassage } from '../records/comparison.ts';
import type { CorpusSettings } from '../records/corpus.ts';
import type { Passage } from '../records/generation.ts';
import { choose } from './askPassages.ts';
import { passagesOf } from './askTasks.ts';
import { corpus } from './corpus.svelte.ts';
import { documents } from './documents.svelte.ts';
import { embedders } from './embedders.svelte.ts';
import { engine } from './engine.svelte.ts';
import { projects } from './projects.svelte.ts';
import { retrieval } from './retrieval.ts';

/** Where passages are looked for: taken when the batch begins, so that another project may be opened meanwhile. */
export interface Scope {
  documentIds: string[];
  settings: CorpusSettings;
}

export interface Wanted {
  batch: Batch;
  prompt: string;
  scope: Scope;
  /** Ends it early. */
  signal: AbortSignal;
}

/** `texts`: one for each contender; null = it was ended before all of them stood. */
export interface Answered {
  question: string;
  passages: ComparisonPassage[];
  prompt: string;
  texts: string[];
}

/** Of the open project, with the model loaded; its texts are indexed first where a prompt will need them. */
export function scopeOf(batch: Batch): (signal: AbortSignal) => Promise<Scope> {
  const documentIds = documents.list.map(({ id }) => id);
  const { settings } = corpus; // taken before anything is waited for: another project may be opened then
  return async (signal) => {
    await engine.ensureLoaded();
    const looked = batch.prompts.slice(batch.done).some((prompt) => splitPrompt(prompt).passages.length === 0);
    const vectors = settings.retrieval.method !== 'words' && projects.current?.id === batch.projectId;
    if (looked && vectors && documentIds.length > 0) await corpus.ensureIndexed(documentIds, signal);
    return { documentIds, settings };
  };
}

export async function answerPrompt({ batch, prompt, scope, signal }: Wanted): Promise<Answered | null> {
  const { question, passages: own } = splitPrompt(prompt);
  const passages =
    own.length > 0 ? own.map(({ text }) => withoutPlace(text)) : await find(question, batch.projectId, scope);
  const reserve = Math.max(...batch.contenders.map(({ sampling }) => sampling.maxNewTokens));
  const rendered = await engine.render(question, passages, reserve);
  if (signal.aborted) return null;
  const jobId = `batch-${batch.id}-${batch.done}`;
  const cancel = (): void => void engine.cancel(jobId);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const rows = batch.contenders.map(({ adapterId, sampling }) => ({
      ...{ adapterId, sampling, promptIds: [...rendered.ids], stop: [] },
    }));
    // it may be ended before the engine knows of it: a token tells that it does
    const done = await engine.generate(jobId, rows, () => signal.aborted && cancel(), '/annotate/add');
    if (signal.aborted || done.some(({ finish }) => finish === 'cancelled')) return null;
    const texts = done.map(({ text }) => text);
    return { question, passages: passagesOf(rendered.passages), prompt: rendered.prompt, texts };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

const withoutPlace = (text: string): Passage => ({
  documentId: '',
  documentName: '',
  start: 0,
  end: text.length,
  text,
});

/** As many as Ask takes; a question about which the texts say nothing is asked alone. */
async function find(question: string, projectId: string, { documentIds, settings }: Scope): Promise<Passage[]> {
  if (documentIds.length === 0) return [];
  await embedders.load();
  const count = engine.model.passagesPerPrompt;
  const wordsOnly = settings.retrieval.method === 'words';
  const options = { documentIds, count, wordsOnly };
  const found = await retrieval.search(projectId, settings, document.baseURI, question, options);
  return choose({ kept: [], leftOut: [] }, found.hits, count);
}
