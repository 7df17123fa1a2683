// The state of every stage of the chain, derived from what the open project holds.
import type { RunKind } from '../records/run.ts';
import { adapters } from './adapters.svelte.ts';
import { batchStatus } from './batchStatus.svelte.ts';
import { corpusStatus } from './corpusStatus.svelte.ts';
import { demonstrations } from './demonstrations.svelte.ts';
import { documents } from './documents.svelte.ts';
import { engineStatus } from './engineStatus.svelte.ts';
import { generations } from './generations.svelte.ts';
import { judging } from './judging.svelte.ts';
import { preferenceStatus } from './preferenceStatus.svelte.ts';
import { projects } from './projects.svelte.ts';
import { prompts } from './prompts.svelte.ts';
import { runs } from './runs.svelte.ts';
import { trainingStatus } from './trainingStatus.svelte.ts';

export const STAGES = [
  'documents',
  'ask',
  'fine-tune',
  'annotate',
  'preferences',
  'reward',
  'align',
  'evaluate',
] as const;
export type Stage = (typeof STAGES)[number];

export interface StageState {
  state: 'empty' | 'waiting' | 'working' | 'done' | 'stale' | 'planned';
  /** 0…1 while working; null when unknown. */
  progress: number | null;
  count: number | null;
}

class Chain {
  #stages = $derived.by((): Record<Stage, StageState> => {
    const planned: StageState = { state: 'planned', progress: null, count: null };
    return {
      documents: this.#documents(),
      ask: this.#ask(),
      'fine-tune': this.#train(),
      annotate: this.#annotate(),
      preferences: this.#preferences(),
      reward: this.#reward(),
      align: this.#align(),
      evaluate: planned,
    };
  });

  stage(name: Stage): StageState {
    return this.#stages[name];
  }

  #documents(): StageState {
    const { stage, under } = corpusStatus.now;
    const count = documents.list.length;
    if (count === 0) return { state: 'empty', progress: null, count };
    if (stage === 'working') return { state: 'working', progress: under?.share ?? null, count };
    return { state: stage === 'unknown' ? 'waiting' : stage, progress: null, count };
  }

  #ask(): StageState {
    const { status, progress } = engineStatus.now;
    const count = new Set(generations.list.map((generation) => generation.askId)).size;
    if (status === 'busy') return { state: 'working', progress, count };
    const last = generations.list.at(-1)?.createdAt ?? '';
    const state = count === 0 ? 'empty' : documents.newest > last ? 'stale' : 'done';
    return { state, progress: null, count };
  }

  #train(): StageState {
    const count = demonstrations.list.length;
    const working = this.#training('sft', count);
    if (working) return working;
    if (count === 0) return { state: 'empty', progress: null, count };
    const last = runs.of('sft').find(({ status }) => status === 'done' || status === 'stopped');
    const data = last?.data;
    if (!last || !data) return { state: 'waiting', progress: null, count };
    const changed =
      data.train + data.test + data.dropped !== count ||
      demonstrations.list.some(({ createdAt, editedAt = createdAt }) => editedAt > last.createdAt);
    return { state: changed ? 'stale' : 'done', progress: null, count };
  }

  /** Counts reward models; older than the preferences that they should have learned from, they are stale. */
  #reward(): StageState {
    const models = adapters.list.filter(({ taskType }) => taskType === 'SEQ_CLS');
    const count = models.length;
    const working = this.#training('reward', count);
    if (working) return working;
    const { count: preferences, mergedAt } = preferenceStatus.now;
    const [newest] = models;
    if (!newest) return { state: preferences > 0 ? 'waiting' : 'empty', progress: null, count };
    const learned = runs.find(newest.runId)?.createdAt ?? newest.createdAt;
    return { state: mergedAt > learned ? 'stale' : 'done', progress: null, count };
  }

  /** Counts the prompts that there are to practise on; paid by an older reward model, it is stale. */
  #align(): StageState {
    const count = prompts.list.length;
    const working = this.#training('ppo', count);
    if (working) return working;
    const last = runs.of('ppo').find(({ status }) => status === 'done' || status === 'stopped');
    const [model] = adapters.list.filter(({ taskType }) => taskType === 'SEQ_CLS');
    if (!last) return { state: count > 0 || model ? 'waiting' : 'empty', progress: null, count };
    const stale = last.config.rewardAdapterId !== null && model !== undefined && model.createdAt > last.createdAt;
    return { state: stale ? 'stale' : 'done', progress: null, count };
  }

  /** A run of this kind and project that is under way. */
  #training(kind: RunKind, count: number): StageState | null {
    const { under } = trainingStatus.now;
    if (!under || under.kind !== kind || under.projectId !== projects.current?.id) return null;
    return { state: 'working', progress: under.share, count };
  }

  /** Counts what is left to judge while there is any, else all that was. */
  #annotate(): StageState {
    const { under } = batchStatus.now;
    const { done, total } = judging.progress;
    const count = total === done ? total : total - done;
    if (under && under.projectId === projects.current?.id) return { state: 'working', progress: under.share, count };
    if (done > 0 && done < total) return { state: 'working', progress: done / total, count };
    return { state: total === 0 ? 'empty' : total === done ? 'done' : 'waiting', progress: null, count };
  }

  #preferences(): StageState {
    const { count, mergedAt, filesAt, otherPolicy } = preferenceStatus.now;
    const newest = judging.changedAt > filesAt ? judging.changedAt : filesAt;
    const stale = otherPolicy || newest > mergedAt;
    const state = mergedAt === '' ? (newest === '' ? 'empty' : 'waiting') : stale ? 'stale' : 'done';
    return { state, progress: null, count };
  }
}

export const chain = new Chain();
