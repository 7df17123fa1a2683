// Files of tasks on their way into the queue: dropped and looked at first, or opened by a link that a host has published.
import type { DataApi, TasksImport, TasksPreview } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import type { TaskFile } from '../records/comparison.ts';
import { comparisons } from './comparisons.svelte.ts';
import { demoTasks } from './demo.ts';
import { sentence, t } from './language.svelte.ts';
import { projects } from './projects.svelte.ts';
import { fileName, taskAddress } from './taskAddress.ts';
import { work } from './work.ts';
import { createProject, ensureProject, openProject } from './workspace.ts';

export type { TasksPreview };

/** A link under way, or what stood in its way. */
export interface TaskLink {
  path: string;
  step: 'fetching' | 'reading';
  /** Of the file; null while that is not known. */
  share: number | null;
  /** A sentence; '' while it goes on. */
  problem: string;
}

class TaskImport {
  #data: Connection<DataApi> | null = null;
  #waiting = $state.raw<readonly File[]>([]);
  #preview = $state.raw<TasksPreview | null>(null);
  #busy = $state(false);
  #link = $state.raw<TaskLink | null>(null);

  /** The file that is looked at; others wait behind it. */
  get file(): File | null {
    return this.#waiting[0] ?? null;
  }
  get preview(): TasksPreview | null {
    return this.#preview;
  }
  get busy(): boolean {
    return this.#busy;
  }
  get link(): TaskLink | null {
    return this.#link;
  }

  async open(files: readonly File[]): Promise<void> {
    this.#waiting = files;
    await this.#look();
  }

  /** Its good lines come into the open project, or into a new one. */
  async accept(): Promise<TasksImport | null> {
    const { file, preview } = this;
    if (!file || !preview) return null;
    this.#busy = true;
    try {
      const project = await ensureProject(preview.head.title.trim() || t().projects.untitled);
      const came = await this.#take(file, project.id);
      await this.skip();
      return came;
    } finally {
      this.#busy = false;
    }
  }

  /** The next file, or none. */
  async skip(): Promise<void> {
    this.#waiting = this.#waiting.slice(1);
    await this.#look();
  }

  close(): void {
    [this.#waiting, this.#preview, this.#busy] = [[], null, false];
    this.#end();
  }

  /** A file of this site, straight into the queue. False, and a sentence in `link`, when it could not be. */
  async openLink(path: string): Promise<boolean> {
    if (this.#link && this.#link.problem === '') return false; // one at a time
    this.#link = { path, step: 'fetching', share: null, problem: '' };
    try {
      await work.during(() => this.#follow(path));
      this.#link = null;
      return true;
    } catch (error) {
      this.#link = { path, step: 'fetching', share: null, problem: sentence(error) };
      return false;
    } finally {
      if (!this.file) this.#end();
    }
  }

  dismissLink(): void {
    this.#link = null;
  }

  /** What the site publishes to be annotated. */
  async useDemo(): Promise<boolean> {
    try {
      return await this.openLink(await demoTasks());
    } catch (error) {
      this.#link = { path: '', step: 'fetching', share: null, problem: sentence(error) };
      return false;
    }
  }

  async #follow(path: string): Promise<void> {
    const words = t().tasks.link;
    const address = taskAddress(path, document.baseURI);
    if (!address) throw new Error(words.foreign(path));
    const bytes = await fetched(address, (share) => this.#step({ share }));
    const file = new File([bytes], fileName(address));
    this.#step({ step: 'reading', share: null });
    const preview = await this.#api().previewTasks(file, projects.current?.id ?? '');
    const known = preview.known ?? preview.elsewhere;
    if (known && (await this.#openKnown(known))) return;
    if (preview.count + preview.there === 0) throw new Error(words.empty(path, preview.problems[0]?.problem ?? ''));
    const project = projects.current ?? (await createProject(preview.head.title.trim() || file.name));
    await this.#take(file, project.id);
  }

  /** False when the project that had it is gone. */
  async #openKnown({ projectId }: TaskFile): Promise<boolean> {
    if (!projects.list.some(({ id }) => id === projectId)) return false;
    if (projects.current?.id !== projectId) await openProject(projectId);
    return true;
  }

  async #take(file: File, projectId: string): Promise<TasksImport> {
    const target = { projectId, createdAt: new Date().toISOString() };
    const came = await this.#api().importTasks(file, target);
    await comparisons.load(projectId);
    return came;
  }

  async #look(): Promise<void> {
    this.#preview = null;
    const { file } = this;
    if (!file) return this.close();
    this.#busy = true;
    try {
      const preview = await this.#api().previewTasks(file, projects.current?.id ?? '');
      if (file === this.file) this.#preview = preview;
    } catch (error) {
      if (file !== this.file) return; // it was closed, and its thread with it
      this.close();
      throw error;
    } finally {
      if (file === this.file) this.#busy = false;
    }
  }

  #step(change: Partial<TaskLink>): void {
    if (this.#link) this.#link = { ...this.#link, ...change };
  }

  #api(): DataApi {
    this.#data ??= connectData();
    return this.#data.api;
  }

  #end(): void {
    this.#data?.terminate();
    this.#data = null;
  }
}

/** A redirect to another site fails as the other site itself does. */
async function fetched(address: URL, onShare: (share: number) => void): Promise<Blob> {
  const words = t().tasks.link;
  const response = await fetch(address, { mode: 'same-origin' }).catch(() => null);
  if (!response) throw new Error(words.unreachable(address.pathname));
  if (!response.ok) throw new Error(words.refused(address.pathname, response.status));
  const total = Number(response.headers.get('content-length') ?? 0);
  const packed = response.headers.has('content-encoding'); // the length is then not that of what comes
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let read = 0;
  for (const reader = response.body?.getReader(); reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    read += value.length;
    if (total > 0 && !packed) onShare(Math.min(1, read / total));
  }
  return new Blob(parts);
}

export const taskImport = new TaskImport();
