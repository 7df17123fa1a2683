// The prompts of the open project that PPO practises on: brought from files and from what the project has, removed with a way back.
import { connectData } from '../../workers/connect.ts';
import { promptOf } from '../records/demonstration.ts';
import { keptForLooking, type ProjectPrompt } from '../records/prompt.ts';
import type { SamplePrompt } from '../records/run.ts';
import { readPreferenceEdits, readPreferences } from '../storage/preferences.ts';
import { readPrompts, removePrompts } from '../storage/prompts.ts';
import { connection } from './connection.svelte.ts';
import { demoPrompts } from './demo.ts';
import { demonstrations } from './demonstrations.svelte.ts';
import { generations } from './generations.svelte.ts';
import { sentence } from './language.svelte.ts';
import { expectedOf } from './samplePrompts.ts';
import { work } from './work.ts';

export const PROMPT_SOURCES = ['preferences', 'demonstrations', 'asked'] as const;
export type PromptSource = (typeof PROMPT_SOURCES)[number];

/** A line of prompts.jsonl. */
interface Line {
  prompt: string;
  answer?: string;
}

export interface PromptsCame {
  added: ProjectPrompt[];
  /** Those that the project has already. */
  known: number;
  problems: { line: number; problem: string }[];
}

const byPosition = (a: ProjectPrompt, b: ProjectPrompt): number => a.position - b.position || (a.id < b.id ? -1 : 1);

/** Longer completions are one way to say it, not what every right answer contains. */
const MOST_WORDS = 12;

/** What a right answer contains, where the completion is short enough to be just that. */
export function answerOf(completion: string | null): string | undefined {
  const answer = (completion ?? '').trim().replace(/[.!?…]+$/u, '');
  return answer === '' || answer.includes('\n') || answer.split(/\s+/).length > MOST_WORDS ? undefined : answer;
}

/** Each once, as it came first; those that the project has are left out. */
function fresh(lines: readonly Line[], known: ReadonlySet<string>): Line[] {
  const seen = new Set(known);
  return lines.filter(({ prompt }) => {
    if (prompt.trim() === '' || seen.has(prompt)) return false;
    seen.add(prompt);
    return true;
  });
}

/** The prompts of a run that are looked at before, during and after: the same that the trainer keeps from practising. */
export const fixedPrompts = (
  list: readonly Pick<ProjectPrompt, 'prompt' | 'answer'>[],
  settings: { seed: number; testPrompts: number },
): SamplePrompt[] => {
  const kept = keptForLooking(list, settings);
  return list.flatMap(({ prompt, answer }, i) => (kept.has(i) ? [{ prompt, expected: answer }] : []));
};

class Prompts {
  #projectId = '';
  #list = $state.raw<readonly ProjectPrompt[]>([]);
  #preferred = $state.raw<readonly Line[]>([]);
  #loading = $state(false);
  #problem = $state('');
  #answered = $derived(this.#list.filter(({ answer }) => answer !== null).length);
  #offers = $derived.by((): Record<PromptSource, Line[]> => {
    const known = new Set(this.#list.map(({ prompt }) => prompt));
    const rows = demonstrations.list.flatMap(({ row }): Line[] =>
      'text' in row ? [] : [{ prompt: promptOf(row), answer: answerOf(expectedOf(row)) }],
    );
    return {
      preferences: fresh(this.#preferred, known),
      demonstrations: fresh(rows, known),
      asked: fresh(
        generations.list.map(({ prompt }) => ({ prompt })),
        known,
      ),
    };
  });

  /** In the order in which they came. */
  get list(): readonly ProjectPrompt[] {
    return this.#list;
  }
  /** Those whose answer is known. */
  get answered(): number {
    return this.#answered;
  }
  /** What the project could still give, each prompt once. */
  get offers(): Readonly<Record<PromptSource, readonly Line[]>> {
    return this.#offers;
  }
  get loading(): boolean {
    return this.#loading;
  }
  /** Why they could not be read; '' when they could. */
  get problem(): string {
    return this.#problem;
  }

  async load(projectId: string): Promise<void> {
    if (projectId !== this.#projectId)
      [this.#projectId, this.#list, this.#preferred, this.#problem] = [projectId, [], [], ''];
    if (!projectId) return;
    this.#loading = true;
    try {
      const rows = await readPrompts(await connection.open(), projectId);
      if (this.#projectId === projectId) [this.#list, this.#problem] = [rows.toSorted(byPosition), ''];
    } catch (error) {
      if (this.#projectId === projectId) this.#problem = sentence(error);
      throw error;
    } finally {
      this.#loading = false;
    }
  }

  /** Reads which prompts were preferred on: for a page that offers them. */
  async look(): Promise<void> {
    const projectId = this.#projectId;
    if (!projectId) return;
    const db = await connection.open();
    const [{ preferences }, edits] = await Promise.all([
      readPreferences(db, projectId),
      readPreferenceEdits(db, projectId),
    ]);
    const excluded = new Set(edits.filter((edit) => edit.excluded).map(({ id }) => id));
    if (this.#projectId === projectId)
      this.#preferred = preferences.flatMap(({ pair, prompt }) => (excluded.has(pair) ? [] : [{ prompt }]));
  }

  /** prompts.jsonl, read in a thread of its own; bad lines are told, good ones come. */
  async addFile(file: File, projectId = this.#projectId): Promise<PromptsCame> {
    const data = connectData();
    try {
      const target = { projectId, createdAt: new Date().toISOString() };
      const came = await work.during(() => data.api.importPrompts(file, target));
      connection.keep();
      return came;
    } finally {
      data.terminate();
      if (this.#projectId === projectId) await this.load(projectId);
    }
  }

  /** As a file of that name would come: each is known by its prompt, wherever it came from. */
  take(source: PromptSource): Promise<PromptsCame> {
    const lines = this.#offers[source].map((line) => JSON.stringify(line));
    return this.addFile(new File([lines.join('\n')], source));
  }

  async useDemo(): Promise<PromptsCame> {
    return this.addFile(await demoPrompts());
  }

  /** Gone from the disk at once; restore() what it returns to take it back. */
  async remove(ids: readonly string[]): Promise<ProjectPrompt[]> {
    const going = new Set(ids);
    const gone = this.#list.filter(({ id }) => going.has(id));
    await removePrompts(await connection.open(), this.#projectId, [...going]);
    this.#list = this.#list.filter(({ id }) => !going.has(id));
    return gone;
  }

  /** To the places that they had. */
  async restore(rows: readonly ProjectPrompt[]): Promise<void> {
    await connection.write(['prompts'], (tx) => Promise.all(rows.map((row) => tx.objectStore('prompts').put(row))));
    const back = new Set(rows.map(({ id }) => id));
    const [projectId = ''] = rows.map((row) => row.projectId);
    if (projectId === this.#projectId)
      this.#list = [...this.#list.filter(({ id }) => !back.has(id)), ...rows].sort(byPosition);
  }
}

export const prompts = new Prompts();
