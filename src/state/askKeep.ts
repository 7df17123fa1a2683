// From what the engine returned to the records that are kept. What only describes an answer cannot lose it.
import type { GeneratedRow } from '../../workers/api.ts';
import type { BaseModel } from '../records/baseModel.ts';
import { GENERATION_VERSION, type Generation, type Passage } from '../records/generation.ts';
import type { DeviceReport } from '../records/report.ts';
import type { Answerer } from './askSampling.ts';
import type { Live } from './askView.ts';

export interface Answered {
  live: Live;
  rows: GeneratedRow[];
  /** One for each row. */
  answerers: readonly Answerer[];
  model: BaseModel;
}

/** Both are looked up in other threads, and may fail there. */
export interface Description {
  device(): Promise<DeviceReport>;
  /** Among the documents that the passages are of. */
  evidence(answer: string, documentIds: string[]): Promise<Passage | null>;
}

/** As they are kept at once: without what must be looked up first. */
export function generationsOf({ live, rows, answerers, model }: Answered): Generation[] {
  const { askId, question, passages, choice, projectId, prompt } = live;
  const leftOut = choice.leftOut.length > 0 ? { leftOut: [...choice.leftOut] } : {};
  const now = Date.now();
  return rows.map(({ ids, logprobs, text, finish, tokensPerSecond, firstTokenMs }, i): Generation => ({
    ...(answerers[i] as Answerer),
    id: crypto.randomUUID(),
    projectId,
    askId,
    question,
    passages,
    ...leftOut,
    prompt: prompt?.prompt ?? '',
    promptIds: prompt?.ids ?? [],
    cutTokens: prompt?.cutTokens ?? 0,
    completionIds: ids,
    logprobs,
    text,
    finish,
    modelId: model.id,
    modelSha256: model.sha256,
    device: '',
    evidence: null,
    tokensPerSecond,
    firstTokenMs,
    createdAt: new Date(now + i).toISOString(), // one after the other, so that their order stays
    version: GENERATION_VERSION,
  }));
}

/** With its device, and the sentence that supports each answer. */
export async function described(generations: readonly Generation[], look: Description): Promise<Generation[]> {
  const device = nameOf(await orNull(look.device));
  return Promise.all(
    generations.map(async (generation) => {
      const { text, passages } = generation;
      const documentIds = [...new Set(passages.map(({ documentId }) => documentId))];
      const evidence = text.trim() === '' ? null : await orNull(() => look.evidence(text, documentIds));
      return { ...generation, device, evidence };
    }),
  );
}

/** '' when the device could not be asked. */
const nameOf = (report: DeviceReport | null): string =>
  [report?.adapter?.description || report?.adapter?.architecture, report?.kernelPlan].filter(Boolean).join(' · ');

async function orNull<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch {
    return null;
  }
}
