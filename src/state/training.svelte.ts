// Training in this tab: one run at a time; it goes on while the page is left, and other jobs go between its steps.
import type { TrainEvent } from '../../workers/api.ts';
import { RUN_VERSION, validateSpec, type Run, type RunKind, type RunSpec, type SamplePrompt } from '../records/run.ts';
import { adapters } from './adapters.svelte.ts';
import { engine } from './engine.svelte.ts';
import { format, sentence, t } from './language.svelte.ts';
import { projects } from './projects.svelte.ts';
import { router } from './router.svelte.ts';
import { runLogs } from './runLogs.svelte.ts';
import { runs } from './runs.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { trainingStatus, type TrainingNow } from './trainingStatus.svelte.ts';
import { work } from './work.ts';

export type Doing = Extract<TrainEvent, { kind: 'doing' }>['what'] | 'loading';

interface Live {
  runId: string;
  kind: RunKind;
  projectId: string;
  doing: Doing;
  /** 0…1 of what it does now; null where that is not known. */
  share: number | null;
  /** Asked for, and not yet done: it ends after the step under way. */
  ending: 'pause' | 'stop' | null;
  step: number;
  steps: number;
}

const ALMOST = 0.99;

/** Where runs of a kind are begun and followed. */
export const PAGE_OF = { sft: 'fine-tune', reward: 'reward', ppo: 'align' } as const satisfies Record<RunKind, string>;

class Training {
  #live = $state.raw<Live | null>(null);

  get live(): Live | null {
    return this.#live;
  }

  isLive(runId: string): boolean {
    return this.#live?.runId === runId;
  }

  /** Stores a run and begins it. Returns its id, or null while another is under way. */
  async start(spec: RunSpec, samples: SamplePrompt[], name = ''): Promise<string | null> {
    const project = projects.current;
    if (this.#live || !project) return null;
    const { id: modelId, sha256: modelSha256, name: modelName } = engine.model;
    const run: Run = {
      id: crypto.randomUUID(),
      projectId: project.id,
      ...validateSpec($state.snapshot(spec)),
      name: name.trim() || t().train.runNames[spec.kind](modelName, runs.of(spec.kind).length + 1),
      modelId,
      modelSha256,
      status: 'paused',
      problem: '',
      step: 0,
      steps: spec.config.steps,
      samples,
      data: null,
      plan: null,
      checkpoint: null,
      adapterId: null,
      createdAt: new Date().toISOString(),
      endedAt: null,
      trainedMs: 0,
      version: RUN_VERSION,
    };
    await runs.add(run);
    this.resume(run);
    return run.id;
  }

  /** From its checkpoint, or from the beginning where there is none. Nothing happens to one that cannot go on here. */
  resume(run: Run): void {
    if (this.#live || !runs.canResume(run)) return;
    const { id: runId, kind, projectId, step, steps } = run;
    this.#live = { runId, kind, projectId, doing: 'loading', share: null, ending: null, step, steps };
    runs.own(runId);
    void work.during(() => this.#train(run));
  }

  /** After the step under way, with a checkpoint. */
  pause(): void {
    this.#end('pause', (runId) => engine.api.pauseTraining(runId));
  }

  /** After the step under way; the adapter is kept as it is then. */
  stop(): void {
    this.#end('stop', (runId) => engine.api.stopTraining(runId));
  }

  #end(ending: 'pause' | 'stop', tell: (runId: string) => Promise<void>): void {
    const live = this.#live;
    if (!live || live.ending === ending) return;
    this.#live = { ...live, ending };
    if (live.doing !== 'loading')
      tell(live.runId).catch((error: unknown) => toasts.show(sentence(error), { tone: 'error' }));
  }

  async #train(run: Run): Promise<void> {
    let ended = run;
    try {
      await engine.ensureLoaded();
      if (this.#live?.ending) return; // it was ended before there was a step to end after
      this.#change({ doing: 'preparing' });
      ended = await engine.api.train(run.id, (event) => this.#onEvent(event));
    } catch (error) {
      ended = { ...(runs.find(run.id) ?? run), status: 'failed', problem: sentence(error) };
    } finally {
      const stored = await runs.read(run.id).catch(() => ended);
      this.#live = null;
      runs.own(null);
      if (stored && runs.statusOf(stored) === 'elsewhere')
        runs.show(stored); // another tab was first: it has not failed
      else if (stored) {
        runs.show(ended);
        this.#tell(ended);
      }
      void adapters.load(projects.current?.id ?? '').catch(() => undefined); // read again with the next project
    }
  }

  #onEvent(event: TrainEvent): void {
    const runId = event.kind === 'run' ? event.run.id : event.kind === 'event' ? event.event.runId : event.runId;
    if (!this.isLive(runId)) return; // a late word of a run that has ended
    if (event.kind === 'run') {
      runs.show(event.run);
      this.#change({ step: event.run.step, steps: event.run.steps });
    } else if (event.kind === 'event') {
      runLogs.of(runId).push(event.event);
      if (event.event.step > (this.#live?.step ?? 0)) this.#change({ step: event.event.step });
    } else if (event.kind === 'cut') runLogs.of(runId).cut(event.from);
    else {
      this.#change({ doing: event.what, share: event.share });
      const { ending } = this.#live ?? {}; // asked for before the worker knew of the run
      if (ending === 'pause') void engine.api.pauseTraining(runId);
      if (ending === 'stop') void engine.api.stopTraining(runId);
    }
  }

  #change(change: Partial<Live>): void {
    if (this.#live) this.#live = { ...this.#live, ...change };
  }

  /** The page may have been left: the message leads back. */
  #tell(run: Run): void {
    const path = `/runs/${run.id}`;
    if ([path, '/demo', `/${PAGE_OF[run.kind]}`].includes(router.path)) return;
    const words = t().train.ended;
    if (run.status === 'failed') toasts.show(`${words.failed(run.name)} ${run.problem}`, { tone: 'error' });
    else if (run.status === 'done' || run.status === 'stopped')
      toasts.show(words[run.status](run.name), {
        action: { label: t().common.open, run: () => router.go(path) },
        seconds: 10,
      });
  }

  /** What it does now, in words. */
  get doing(): string {
    const live = this.#live;
    if (!live) return '';
    const { kind, doing, ending, step, steps } = live;
    const words = t().train;
    if (ending) return words.ending[ending];
    const word = words.doingOf[kind]?.[doing] ?? words.doing[doing];
    if (doing === 'training') return word;
    const now = doing === 'loading' && engine.detail ? engine.detail : word;
    return steps > 0 && step >= steps ? words.finishing(now) : now;
  }

  /** How far that is, where it is no step; null when it is not known. */
  get doingShare(): number | null {
    const { doing, ending, share } = this.#live ?? { doing: 'training', ending: null, share: null };
    return doing === 'training' || ending ? null : share;
  }

  /** Of its steps, and never all of it while it goes on: a test and a save follow the last step. null: not known. */
  get share(): number | null {
    const { step, steps } = this.#live ?? { step: 0, steps: 0 };
    return steps > 0 ? Math.min(ALMOST, step / steps) : null;
  }

  /** For the top bar, the rail and the tab. */
  get under(): TrainingNow['under'] {
    const live = this.#live;
    if (!live) return null;
    const { kind, doing, ending, step, steps, projectId, runId } = live;
    const words = t().train;
    const stepping = doing === 'training' && !ending && steps > 0;
    const detail = stepping ? words.stepOf[kind](format.number(step), format.number(steps)) : this.doing;
    const { share } = this;
    const now = stepping ? share : this.doingShare;
    return {
      kind,
      projectId,
      detail,
      share,
      now,
      path: `/runs/${runId}`,
      pause: () => this.pause(),
      stop: () => this.stop(),
    };
  }
}

export const training = new Training();
trainingStatus.attach(training);
