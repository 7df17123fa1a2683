// The one piece of work under way that the frame shows: a training or a batch, which outlast what goes between their steps,
// then an answer or a load, which have a place of their own, then the corpus.
import { batchStatus } from './batchStatus.svelte.ts';
import { corpusStatus } from './corpusStatus.svelte.ts';
import { engineStatus } from './engineStatus.svelte.ts';
import { t } from './language.svelte.ts';
import { trainingStatus } from './trainingStatus.svelte.ts';

export interface Running {
  /** What it is doing, in words. */
  detail: string;
  /** In a word, for a narrow screen. */
  short?: string;
  /** 0…1; null when unknown. */
  progress: number | null;
  /** Where it can be seen: "/ask/42". */
  path?: string;
  stop?: () => void;
}

class RunningNow {
  #now = $derived.by((): Running | null => {
    const run = trainingStatus.now.under;
    if (run) {
      const { detail, now, path, stop } = run;
      return { detail, short: t().train.status.running, progress: now, path, stop };
    }
    const batch = batchStatus.now.under;
    if (batch) {
      const { detail, share, path, pause } = batch;
      return { detail, short: t().common.percent(share), progress: share, path, stop: pause };
    }
    const engine = engineStatus.now;
    if (engine.status === 'busy' || engine.status === 'loading' || engine.status === 'lost') {
      const { progress, path, stop } = engine;
      return { detail: engine.detail || t().top.gpu[engine.status], progress, path, stop };
    }
    const { under } = corpusStatus.now;
    return under && { detail: under.detail, progress: under.share, path: '/documents', stop: under.stop };
  });

  get now(): Running | null {
    return this.#now;
  }
}

export const running = new RunningNow();
