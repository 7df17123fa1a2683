// The way back: one person's feedback on the tasks of one file, for whoever published it; or all of it. Works offline.
import type { DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import { taskFileOf, type TaskFile } from '../records/comparison.ts';
import { feedbackOfProject } from '../storage/feedback.ts';
import { comparisons } from './comparisons.svelte.ts';
import { connection } from './connection.svelte.ts';
import { judging } from './judging.svelte.ts';
import { projects } from './projects.svelte.ts';
import { isSafeLink } from './taskAddress.ts';

export interface Contents {
  judged: number;
  skipped: number;
}

/** What was asked for by one task file; or whatever was judged here, which nobody has asked for (`taskFileId` null). */
export interface Parcel extends Contents {
  taskFileId: string | null;
  /** Of the task file; '' for everything. */
  title: string;
  /** '' = it does not say where to. */
  address: string;
  /** May be followed with a click. */
  link: boolean;
  /** Of the file that is made. */
  name: string;
}

const fit = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '');
const nameOf = (...parts: readonly string[]): string =>
  `${['feedback', ...parts.map(fit)].filter((part) => part !== '').join('-')}.jsonl`;

/** One for each task file that something is left of, and one for everything where that is more. */
export function parcelsOf(
  files: readonly TaskFile[],
  left: ReadonlySet<string>,
  counts: ReadonlyMap<string | null, Contents>,
  annotator: string,
): Parcel[] {
  const none = { judged: 0, skipped: 0 };
  const parcels = files
    .filter(({ id }) => left.has(id))
    .map(({ id, name, head }): Parcel => {
      const address = head.returnTo.trim();
      const made = nameOf(name.replace(/\.\w+$/, ''), annotator);
      return {
        ...{ taskFileId: id, title: head.title.trim() || name, address, link: isSafeLink(address), name: made },
        ...(counts.get(id) ?? none),
      };
    });
  const all = [...counts.values()].reduce(
    (sum, { judged, skipped }) => ({ judged: sum.judged + judged, skipped: sum.skipped + skipped }),
    none,
  );
  const [first] = parcels;
  const same = first && parcels.length === 1 && first.judged + first.skipped === all.judged + all.skipped;
  const everything = { taskFileId: null, title: '', address: '', link: false, name: nameOf(annotator), ...all };
  return same ? parcels : [...parcels, everything];
}

class SendBack {
  #data: Connection<DataApi> | null = null;
  #parcels = $state.raw<readonly Parcel[]>([]);
  #busy = $state(false);

  /** What there is to send; none until it has been counted. */
  get parcels(): readonly Parcel[] {
    return this.#parcels;
  }
  get busy(): boolean {
    return this.#busy;
  }

  async count(): Promise<void> {
    const projectId = projects.current?.id ?? '';
    const { annotator } = judging;
    const counts = new Map<string | null, Contents>();
    for await (const rows of feedbackOfProject(await connection.open(), projectId))
      for (const row of rows) {
        const comparison = row.annotator === annotator && comparisons.find(row.comparisonId);
        if (!comparison) continue;
        const now = counts.get(taskFileOf(comparison)) ?? { judged: 0, skipped: 0 };
        counts.set(taskFileOf(comparison), now);
        if (row.status === 'judged') now.judged++;
        else if (row.status === 'skipped') now.skipped++;
      }
    if (projectId !== projects.current?.id || annotator !== judging.annotator) return;
    const left = new Set(comparisons.list.flatMap((one) => taskFileOf(one) ?? []));
    this.#parcels = parcelsOf(comparisons.taskFiles, left, counts, annotator);
  }

  /** Of the person who judges here. */
  async file({ taskFileId, name }: Pick<Parcel, 'taskFileId' | 'name'>): Promise<File> {
    this.#busy = true;
    try {
      this.#data ??= connectData();
      const { annotator } = judging;
      const blob = await this.#data.api.exportFeedback(projects.current?.id ?? '', annotator, taskFileId);
      return new File([blob], name, { type: 'application/jsonl' });
    } finally {
      this.#data?.terminate();
      this.#data = null;
      this.#busy = false;
    }
  }
}

export const sendBack = new SendBack();

/** Some systems share known kinds of files alone: as plain text it is one of them. */
function shareable(file: File): File | null {
  if (typeof navigator.canShare !== 'function') return null;
  const plain = new File([file], `${file.name}.txt`, { type: 'text/plain' });
  return [file, plain].find((one) => navigator.canShare({ files: [one] })) ?? null;
}

export const canShare = (): boolean =>
  shareable(new File(['{}'], 'feedback.jsonl', { type: 'application/jsonl' })) !== null;

/** Hands it to another app of the device; `left`: the person turned away. */
export async function share(file: File, title: string): Promise<'shared' | 'left' | 'cannot'> {
  const given = shareable(file);
  if (!given) return 'cannot';
  try {
    await navigator.share({ files: [given], title });
    return 'shared';
  } catch (error) {
    return error instanceof Error && error.name === 'AbortError' ? 'left' : 'cannot';
  }
}
