// The way back: one person's feedback of this project as a file, for whoever published its tasks. Works offline.
import type { DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import type { TaskFile } from '../records/comparison.ts';
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

/** Of a task file that says where its feedback should go. */
export interface ReturnAddress {
  title: string;
  address: string;
  /** May be followed with a click. */
  link: boolean;
}

export function returnAddresses(files: readonly TaskFile[]): ReturnAddress[] {
  const found = new Map<string, ReturnAddress>();
  for (const { name, head } of files) {
    const address = head.returnTo.trim();
    if (address !== '' && !found.has(address))
      found.set(address, { title: head.title.trim() || name, address, link: isSafeLink(address) });
  }
  return [...found.values()];
}

class SendBack {
  #data: Connection<DataApi> | null = null;
  #contents = $state.raw<Contents | null>(null);
  #busy = $state(false);

  /** What would be in the file now; null until it has been counted. */
  get contents(): Contents | null {
    return this.#contents;
  }
  get busy(): boolean {
    return this.#busy;
  }
  get addresses(): ReturnAddress[] {
    return returnAddresses(comparisons.taskFiles);
  }

  async count(): Promise<void> {
    const projectId = projects.current?.id ?? '';
    const { annotator } = judging;
    const now = { judged: 0, skipped: 0 };
    for await (const rows of feedbackOfProject(await connection.open(), projectId))
      for (const row of rows) {
        if (row.annotator !== annotator || !comparisons.find(row.comparisonId)) continue;
        if (row.status === 'judged') now.judged++;
        else if (row.status === 'skipped') now.skipped++;
      }
    if (projectId === projects.current?.id && annotator === judging.annotator) this.#contents = now;
  }

  /** feedback.jsonl of the person who judges here; an annotator's name that fits a file name is part of its name. */
  async file(): Promise<File> {
    this.#busy = true;
    try {
      this.#data ??= connectData();
      const { annotator } = judging;
      const blob = await this.#data.api.exportFeedback(projects.current?.id ?? '', annotator);
      const who = annotator.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '');
      return new File([blob], who ? `feedback-${who}.jsonl` : 'feedback.jsonl', { type: 'application/jsonl' });
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
  const fit = shareable(file);
  if (!fit) return 'cannot';
  try {
    await navigator.share({ files: [fit], title });
    return 'shared';
  } catch (error) {
    return error instanceof Error && error.name === 'AbortError' ? 'left' : 'cannot';
  }
}
