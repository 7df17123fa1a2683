// Merging as a person sees it: the dry run under the policy as it stands, the files that it reads, and the merge itself.
import type { Judgement } from '../records/feedback.ts';
import type { FeedbackFile, Invalid, Loss, MergeReport } from '../records/merging.ts';
import type { MergePolicy } from '../records/preference.ts';
import { mergedKey, type Merged } from '../storage/preferences.ts';
import { connection } from './connection.svelte.ts';
import { demoFeedback } from './demo.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';
import { mergeData } from './mergeData.ts';
import { mergeSettings } from './mergeSettings.svelte.ts';
import { filesChanged, preferenceStatus } from './preferenceStatus.svelte.ts';
import { projects } from './projects.svelte.ts';
import { work } from './work.ts';

interface Question {
  projectId: string;
  policy: MergePolicy;
}

/** A slider on its way asks once, not at every step. */
const PAUSE_MS = 80;

class Merging {
  /** With what was asked: figures of another project are never shown. */
  #answer = $state.raw<{ projectId: string; report: MergeReport | null; problem: string } | null>(null);
  #asking = $state(false);
  #merging = $state(false);
  /** Grows when files or feedback change. */
  #sources = $state(0);

  readonly #latest = latest<Question, MergeReport>(
    {
      run: ({ projectId, policy }) => mergeData.use((api) => api.mergeReport(projectId, policy)),
      done: (report, { projectId }) => this.#take({ projectId, report, problem: '' }),
      failed: (error, { projectId }) => this.#take({ projectId, report: null, problem: sentence(error) }),
    },
    PAUSE_MS,
  );

  /** Of the open project; the one of before while another is on its way; null before the first. */
  get report(): MergeReport | null {
    return this.#shown?.report ?? null;
  }
  get problem(): string {
    return this.#shown?.problem ?? '';
  }
  get asking(): boolean {
    return this.#asking;
  }
  get merging(): boolean {
    return this.#merging;
  }

  /** Use while the page is shown, in an effect: it reads what the report depends on. */
  follow(): void {
    const projectId = projects.current?.id;
    const { policy, ready } = mergeSettings;
    const asks = Boolean(projectId) && ready && this.#sources >= 0;
    this.#asking = asks;
    this.#latest.ask(projectId && asks ? { projectId, policy } : null);
  }

  /** Feedback or files are not what they were: in another tab, perhaps. */
  refresh(): void {
    this.#sources++;
  }

  /** The preferences of the dry run take the place of those that are stored. */
  async merge(): Promise<MergeReport> {
    const projectId = this.#projectId;
    this.#merging = true;
    try {
      const report = await work.during(() => mergeData.use((api) => api.merge(projectId, mergeSettings.policy)));
      connection.keep();
      await this.#changed(); // what merging again would change is nothing now
      return report;
    } finally {
      this.#merging = false;
    }
  }

  /** Files that are there already, byte for byte, are not kept twice. */
  async addFiles(files: readonly File[]): Promise<{ added: string[]; known: string[] }> {
    const target = { projectId: this.#projectId, addedAt: new Date().toISOString() };
    try {
      const came = await work.during(() => mergeData.use((api) => api.addFeedbackFiles([...files], target)));
      connection.keep();
      return came;
    } finally {
      await this.#changed();
    }
  }

  /** The site's own feedback, as a file like any other. */
  async useDemo(): Promise<{ added: string[]; known: string[] }> {
    return this.addFiles([await demoFeedback()]);
  }

  /** Gone from the disk at once; restoreFile() what it returns to take it back. */
  async removeFile(id: string): Promise<FeedbackFile | null> {
    const stored = await (await connection.open()).get('feedbackFiles', id);
    // Copied: bytes that a database owns may go with their record.
    const file = stored ? { ...stored, bytes: new Blob([await stored.bytes.arrayBuffer()]) } : null;
    if (file) await this.#changeFile(file, null);
    return file;
  }

  /** Not into a project that was deleted meanwhile. */
  restoreFile(file: FeedbackFile): Promise<void> {
    return this.#changeFile(file, file);
  }

  /** What is merged is told that it was merged of other files. */
  async #changeFile({ id, projectId }: FeedbackFile, file: FeedbackFile | null): Promise<void> {
    await connection.write(['projects', 'feedbackFiles', 'settings'], async (tx) => {
      if (!(await tx.objectStore('projects').getKey(projectId))) return;
      const files = tx.objectStore('feedbackFiles');
      await (file ? files.put(file) : files.delete(id));
      const settings = tx.objectStore('settings');
      const merged = (await settings.get(mergedKey(projectId))) as Merged | undefined;
      if (merged) await settings.put(filesChanged(merged), mergedKey(projectId));
    });
    await this.#changed();
  }

  judgements(
    wanted: { loss: Loss } | { ids: string[] },
    from: number,
    count: number,
  ): Promise<{ total: number; judgements: Judgement[] }> {
    return mergeData.use((api) => api.findJudgements(this.#projectId, wanted, from, count));
  }

  invalid(from: number, count: number): Promise<{ total: number; lines: Invalid[] }> {
    return mergeData.use((api) => api.findInvalid(this.#projectId, from, count));
  }

  /** Here, and in the frame. */
  async #changed(): Promise<void> {
    this.refresh();
    await preferenceStatus.load(this.#projectId);
  }

  #take(answer: { projectId: string; report: MergeReport | null; problem: string }): void {
    this.#answer = answer;
    this.#asking = false;
  }

  get #projectId(): string {
    return projects.current?.id ?? '';
  }

  get #shown(): { report: MergeReport | null; problem: string } | null {
    return this.#answer?.projectId === this.#projectId ? this.#answer : null;
  }
}

export const merging = new Merging();
