// The lesson for a class: the demo project, its rows, one quick run that is tested often, and the way back.
import { presetSft, type SftConfig } from '../records/config.ts';
import { validateRow, type Demonstration } from '../records/demonstration.ts';
import type { Run, SamplePrompt } from '../records/run.ts';
import { adapters } from './adapters.svelte.ts';
import { demoRows } from './demo.ts';
import { demonstrations } from './demonstrations.svelte.ts';
import { engine } from './engine.svelte.ts';
import { t } from './language.svelte.ts';
import { isText, Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';
import { runs } from './runs.svelte.ts';
import { samplePrompts } from './samplePrompts.ts';
import { training } from './training.svelte.ts';
import { tryOut } from './tryOut.ts';
import { createProject, openProject } from './workspace.ts';

class Lesson {
  #runId = new Persisted('lesson', '', isText);
  #opening = $state(false);
  #questions = $state.raw<readonly SamplePrompt[]>([]);

  /** It is being prepared: the project is opened, the rows are fetched. */
  get opening(): boolean {
    return this.#opening;
  }
  /** The latest one, where it belongs to the open project. */
  get run(): Run | null {
    return runs.find(this.#runId.value);
  }
  /** The four that are asked all along. */
  get questions(): readonly SamplePrompt[] {
    return this.run?.samples ?? this.#questions;
  }
  get config(): SftConfig {
    return { ...presetSft('quick', engine.model), exactMatch: true, evalEvery: 20, sampleEvery: 5 };
  }

  /** The questions can be seen before anything is started; the model is loaded meanwhile, so that a click finds it. */
  async look(): Promise<void> {
    engine.ensureLoaded().catch(() => undefined); // the training says it
    const { test } = await demoRows();
    const rows = (await test.text()).split('\n').filter((line) => line.trim() !== '');
    const all = rows.map((line, position): Demonstration => ({
      id: String(position),
      projectId: '',
      row: validateRow(JSON.parse(line)),
      split: 'test',
      source: test.name,
      position,
      createdAt: '',
      version: 1,
    }));
    this.#questions = samplePrompts(all, this.config);
  }

  /** Opens the demo project, made on first use, and trains; null while another run is under way. */
  async begin(): Promise<string | null> {
    this.#opening = true;
    try {
      if (projects.demo) await openProject(projects.demo.id);
      else await createProject(t().projects.demoName, true);
      await demonstrations.useDemo(); // those that are there are not added again
      const id = await training.start(
        { kind: 'sft', config: this.config },
        samplePrompts(demonstrations.list, this.config),
        t().train.demo.runName(runs.list.length + 1),
      );
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
    if (this.run) await tryOut(this.run, t().train.demo.textName);
  }
}

export const lesson = new Lesson();
