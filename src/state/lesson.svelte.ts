// The lessons for a class: the demo project, what one learns from, one quick run that is looked at often, and the way back.
import { presetSft } from '../records/config.ts';
import { validateRow, type Demonstration } from '../records/demonstration.ts';
import { demoPpo } from '../records/ppoConfig.ts';
import type { Run, RunKind, RunSpec, SamplePrompt } from '../records/run.ts';
import { adapters } from './adapters.svelte.ts';
import { demoPrompts, demoRows } from './demo.ts';
import { demonstrations } from './demonstrations.svelte.ts';
import { engine } from './engine.svelte.ts';
import { t } from './language.svelte.ts';
import { isText, Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';
import { fixedPrompts, prompts } from './prompts.svelte.ts';
import { runs } from './runs.svelte.ts';
import { samplePrompts, someOf } from './samplePrompts.ts';
import { training } from './training.svelte.ts';
import { tryOut } from './tryOut.ts';
import { createProject, openProject } from './workspace.ts';

/** What differs between the lessons. */
interface Plan<Spec extends RunSpec> {
  /** Under which the latest run is remembered. */
  key: string;
  spec: () => Spec;
  /** The questions as the site ships them, before anything is in a project. */
  look: (config: Spec['config']) => Promise<SamplePrompt[]>;
  /** Brings what is learned from into the open project; what is there is not added again. Returns the questions. */
  bring: (config: Spec['config']) => Promise<SamplePrompt[]>;
  runName: (n: number) => string;
  textName: () => string;
}

class Lesson<Spec extends RunSpec = RunSpec> {
  readonly #plan: Plan<Spec>;
  readonly #runId: Persisted<string>;
  #opening = $state(false);
  #questions = $state.raw<readonly SamplePrompt[]>([]);

  constructor(plan: Plan<Spec>) {
    this.#plan = plan;
    this.#runId = new Persisted(plan.key, '', isText);
  }

  get kind(): RunKind {
    return this.spec.kind;
  }
  get spec(): Spec {
    return this.#plan.spec();
  }
  /** It is being prepared: the project is opened, what it learns from is fetched. */
  get opening(): boolean {
    return this.#opening;
  }
  /** The latest one, where it belongs to the open project. */
  get run(): Run | null {
    return runs.find(this.#runId.value);
  }
  /** Those that are asked all along. */
  get questions(): readonly SamplePrompt[] {
    return (this.run?.samples ?? this.#questions).slice(0, QUESTIONS);
  }

  /** The questions can be seen before anything is started; the model is loaded meanwhile, so that a click finds it. */
  async look(): Promise<void> {
    engine.ensureLoaded().catch(() => undefined); // the training says it
    this.#questions = await this.#plan.look(this.spec.config);
  }

  /** Opens the demo project, made on first use, and trains; null while another run is under way. */
  async begin(): Promise<string | null> {
    this.#opening = true;
    try {
      if (projects.demo) await openProject(projects.demo.id);
      else await createProject(t().projects.demoName, true);
      const { spec } = this;
      const samples = await this.#plan.bring(spec.config);
      const id = await training.start(spec, samples, this.#plan.runName(runs.of(spec.kind).length + 1));
      if (id !== null) this.#runId.value = id;
      return id;
    } finally {
      this.#opening = false;
    }
  }

  /** The run and its adapter are out of sight; the returned two take that back, or make it final. */
  reset(): { undo: () => void; end: () => Promise<void> } | null {
    const run = this.run;
    if (!run || runs.isTraining(run)) return null;
    const { id, adapterId } = run;
    runs.hide(id);
    if (adapterId) adapters.hide(adapterId);
    return {
      undo: () => {
        runs.restore(id);
        if (adapterId) adapters.show(adapterId);
      },
      end: async () => {
        await runs.sweep(id);
        if (adapterId) await adapters.remove(adapterId);
      },
    };
  }

  /** The new adapter answers, one of the questions is typed, and a text that it can be answered from is there. */
  async tryIt(): Promise<void> {
    if (this.run) await tryOut({ ...this.run, samples: [...this.questions] }, this.#plan.textName());
  }
}

const QUESTIONS = 4;

/** All of them, those that are shown before the others. */
const someFirst = (all: readonly SamplePrompt[]): SamplePrompt[] => [...new Set([...someOf(all), ...all])];

const linesOf = async (file: File): Promise<unknown[]> =>
  (await file.text())
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown);

/** It is shown right answers, and the loss falls. */
const teach = new Lesson({
  key: 'lesson',
  spec: () => ({
    kind: 'sft' as const,
    config: { ...presetSft('quick', engine.model), exactMatch: true, evalEvery: 20, sampleEvery: 5 },
  }),
  look: async (config) => {
    const { test } = await demoRows();
    const rows = (await linesOf(test)).map((line, position): Demonstration => ({
      id: String(position),
      projectId: '',
      row: validateRow(line),
      split: 'test',
      source: test.name,
      position,
      createdAt: '',
      version: 1,
    }));
    return samplePrompts(rows, config);
  },
  bring: async (config) => {
    await demonstrations.useDemo();
    return samplePrompts(demonstrations.list, config);
  },
  runName: (n) => t().train.demo.runName(n),
  textName: () => t().train.demo.textName,
});

/** It answers by itself, is paid by a rule, and the reward rises. */
const practise = new Lesson({
  key: 'practice',
  spec: () => ({ kind: 'ppo' as const, config: demoPpo(engine.model) }),
  look: async (config) =>
    someFirst(
      fixedPrompts((await linesOf(await demoPrompts())) as { prompt: string; answer: string | null }[], config),
    ),
  bring: async (config) => {
    await prompts.useDemo();
    return someFirst(fixedPrompts(prompts.list, config));
  },
  runName: (n) => t().train.kinds.lesson.runName(n),
  textName: () => t().train.kinds.lesson.textName,
});

export const lessons = { sft: teach, ppo: practise };
