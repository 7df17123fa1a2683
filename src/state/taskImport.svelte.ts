// Files of tasks on their way into the queue: dropped and looked at first, or opened by a link that a host has published.
import type { DataApi, TasksImport, TasksPreview } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import { taskFileOf } from '../records/comparison.ts';
import { readComparisons } from '../storage/comparisons.ts';
import { comparisons } from './comparisons.svelte.ts';
import { connection } from './connection.svelte.ts';
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
  /** Ends the link under way. */
  #ending: AbortController | null = null;

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
      const came = await this.#take(this.#api(), file, project.id);
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

  /** A file of this site, straight into the queue. False, and a sentence in `link`, when it could not be. One at a time:
   *  a later link takes the place of the one under way, which then is false and says nothing. */
  async openLink(path: string): Promise<boolean> {
    this.#ending?.abort();
    const ending = new AbortController();
    this.#ending = ending;
    this.#link = { path, step: 'fetching', share: null, problem: '' };
    const data = connectData(); // its own: a file that is looked at ends its worker when it likes
    try {
      await work.during(() => this.#follow(path, data.api, ending.signal));
      if (ending.signal.aborted) return false;
      this.#link = null;
      return true;
    } catch (error) {
      if (!ending.signal.aborted) this.#link = { path, step: 'fetching', share: null, problem: sentence(error) };
      return false;
    } finally {
      data.terminate();
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

  async #follow(path: string, api: DataApi, signal: AbortSignal): Promise<void> {
    const words = t().tasks.link;
    const address = taskAddress(path, document.baseURI);
    if (!address) throw new Error(words.foreign(path));
    const bytes = await fetched(address, signal, (share) => !signal.aborted && this.#step({ share }));
    signal.throwIfAborted();
    const file = new File([bytes], fileName(address));
    this.#step({ step: 'reading', share: null });
    const preview = await api.previewTasks(file, projects.current?.id ?? '');
    signal.throwIfAborted();
    if (await this.#openKnown(preview)) return;
    if (preview.count + preview.there === 0) throw new Error(words.empty(path, preview.problems[0]?.problem ?? ''));
    const project = projects.current ?? (await createProject(preview.head.title.trim() || file.name));
    signal.throwIfAborted();
    await this.#take(api, file, project.id);
  }

  /** True when there is something to judge of it already, and nothing that would come. */
  async #openKnown({ known, elsewhere, count }: TasksPreview): Promise<boolean> {
    if (known) return count === 0;
    if (!elsewhere || !projects.list.some(({ id }) => id === elsewhere.projectId)) return false;
    const rows = await readComparisons(await connection.open(), elsewhere.projectId);
    if (!rows.some((row) => taskFileOf(row) === elsewhere.id)) return false; // they were removed there
    await openProject(elsewhere.projectId);
    return true;
  }

  async #take(api: DataApi, file: File, projectId: string): Promise<TasksImport> {
    const target = { projectId, createdAt: new Date().toISOString() };
    const came = await api.importTasks(file, target);
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
async function fetched(address: URL, signal: AbortSignal, onShare: (share: number) => void): Promise<Blob> {
  const words = t().tasks.link;
  const response = await fetch(address, { mode: 'same-origin', signal }).catch(() => null);
  if (!response) throw new Error(words.unreachable(address.pathname));
  if (!response.ok) throw new Error(words.refused(address.pathname, response.status));
  const total = Number(response.headers.get('content-length') ?? 0);
  const packed = response.headers.has('content-encoding'); // the length is then not that of what comes
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let read = 0;
  for (const reader = response.body?.getReader(); reader;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Error(words.unreachable(address.pathname)); // the connection was lost on the way
    });
    if (done) break;
    parts.push(value);
    read += value.length;
    if (total > 0 && !packed) onShare(Math.min(1, read / total));
  }
  return new Blob(parts);
}

export const taskImport = new TaskImport();
