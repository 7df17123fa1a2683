// The merged rows, a window at a time; what a person changes in them, each change with a way back; and their files.
import type { PreferenceFile, PreferenceFilter } from '../../workers/api.ts';
import type { SplitSettings } from '../curation/split.ts';
import type { PreferenceEdit, ShownPreference } from '../records/preference.ts';
import { connection } from './connection.svelte.ts';
import { demonstrations, type RowsImport } from './demonstrations.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';
import { mergeData } from './mergeData.ts';
import { mergeSettings } from './mergeSettings.svelte.ts';
import { merging } from './merging.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';
import { work } from './work.ts';

export type { PreferenceFile, PreferenceFilter };
export type Change = Partial<Pick<PreferenceEdit, 'excluded' | 'chosen' | 'rejected' | 'comment' | 'split'>>;

interface Window {
  total: number;
  all: number;
  rows: ShownPreference[];
  annotators: string[];
  tags: string[];
}
interface Question {
  projectId: string;
  filter: PreferenceFilter;
  split: SplitSettings;
  from: number;
}

export const WINDOW = 20;
/** A pause in typing before so many rows are searched. */
const PAUSE_MS = 120;
export const NO_FILTER: PreferenceFilter = { words: '', side: 'all', kind: 'all', annotator: '', tag: '' };
export const KINDS = ['all', 'excluded', 'changed', 'edited', 'tie', 'disputed', 'commented'] as const;

const isFilter = (value: unknown): value is PreferenceFilter => {
  const v = value as PreferenceFilter | null;
  const texts = [v?.words, v?.annotator, v?.tag].every((text) => typeof text === 'string');
  return texts && KINDS.some((kind) => kind === v?.kind) && ['all', 'train', 'test'].some((side) => side === v?.side);
};

class Preferences {
  #kept = new Persisted('filter:preferences', NO_FILTER, isFilter);
  #from = $state(0);
  #edited = $state(0);
  #answer = $state.raw<{ projectId: string; window: Window | null; problem: string } | null>(null);

  readonly #latest = latest<Question, Window>(
    {
      run: ({ projectId, filter, split, from }) =>
        mergeData.use((api) => api.findPreferences(projectId, filter, split, from, WINDOW)),
      done: (window, { projectId }) => (this.#answer = { projectId, window, problem: '' }),
      failed: (error, { projectId }) => (this.#answer = { projectId, window: null, problem: sentence(error) }),
    },
    PAUSE_MS,
  );

  /** Of the open project; null before the first answer. */
  get window(): Window | null {
    return this.#shown?.window ?? null;
  }
  get problem(): string {
    return this.#shown?.problem ?? '';
  }
  get filter(): PreferenceFilter {
    return this.#kept.value;
  }
  get from(): number {
    return this.#from;
  }

  setFilter(change: Partial<PreferenceFilter>): void {
    this.#kept.value = { ...this.filter, ...change };
    this.#from = 0;
  }

  turn(from: number): void {
    this.#from = Math.max(0, from);
  }

  /** Use while the rows are shown, in an effect: it reads what they depend on. */
  follow(): void {
    const projectId = projects.current?.id;
    const { ready, split } = mergeSettings;
    const changed = [merging.report, this.#edited]; // another report comes after every merge, here or in another tab
    this.#latest.ask(
      projectId && ready && changed ? { projectId, filter: this.filter, split, from: this.#from } : null,
    );
  }

  /** What was changed before, for undo: another tab may have changed it since it was shown. */
  async change(row: ShownPreference, change: Change): Promise<PreferenceEdit | null> {
    const { projectId, id: rowId, pair: id } = row;
    let before: PreferenceEdit | null = null;
    await connection.write(['preferenceEdits'], async (tx) => {
      const store = tx.objectStore('preferenceEdits');
      before = (await store.get([projectId, id])) ?? null;
      const edit: PreferenceEdit = before ?? { projectId, id, excluded: false, editedAt: '' };
      // Texts that were written for another row of the pair wait for it, until this one is rewritten.
      const rewrites = change.chosen !== undefined || change.rejected !== undefined;
      const fresh = rewrites && edit.writtenFor !== rowId;
      const texts = fresh ? { chosen: undefined, rejected: undefined, writtenFor: rowId } : {};
      const now = { ...edit, ...texts, ...change, editedAt: new Date().toISOString() };
      await (saysNothing(now) ? store.delete([projectId, id]) : store.put(now));
    });
    this.#edited++;
    return before;
  }

  /** As it was; null = as merged. */
  async restore(row: ShownPreference, edit: PreferenceEdit | null): Promise<void> {
    await connection.write(['preferenceEdits'], (tx) => {
      const store = tx.objectStore('preferenceEdits');
      return edit ? store.put(edit) : store.delete([row.projectId, row.pair]);
    });
    this.#edited++;
  }

  /** Every change to a row at once; what restore() takes back. */
  async reset(row: ShownPreference): Promise<PreferenceEdit | null> {
    const edit = await (await connection.open()).get('preferenceEdits', [row.projectId, row.pair]);
    await this.restore(row, null);
    return edit ?? null;
  }

  export(file: PreferenceFile): Promise<{ name: string; blob: Blob }> {
    return work.during(() =>
      mergeData.use((api) => api.exportPreferences(projects.current?.id ?? '', file, mergeSettings.split)),
    );
  }

  feedback(): Promise<Blob> {
    return work.during(() => mergeData.use((api) => api.exportFeedback(projects.current?.id ?? '', null, null)));
  }

  /** Answers that people rewrote become rows to fine-tune on; those that are there already are not added again. */
  async learnEdits(): Promise<RowsImport> {
    const { name, blob } = await this.export('sft');
    return demonstrations.import([{ file: new File([blob], name), mapping: null, split: null }]);
  }

  get #shown(): { window: Window | null; problem: string } | null {
    return this.#answer?.projectId === projects.current?.id ? this.#answer : null;
  }
}

const saysNothing = ({ excluded, chosen, rejected, comment, split }: PreferenceEdit): boolean =>
  !excluded && !split && [chosen, rejected, comment].every((text) => text === undefined);

export const preferences = new Preferences();
