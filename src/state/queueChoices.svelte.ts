// How the queue of the open project is ordered, and the reasons that its people choose from.
import { DEFAULT_QUEUE, validateQueue, type QueueSettings } from '../records/queue.ts';
import { queueKey, tagsKey } from '../storage/feedback.ts';
import { connection } from './connection.svelte.ts';
import { t } from './language.svelte.ts';

class QueueChoices {
  #projectId = '';
  #settings = $state.raw<QueueSettings>(DEFAULT_QUEUE);
  #tags = $state.raw<readonly string[] | null>(null);

  get settings(): QueueSettings {
    return this.#settings;
  }
  /** The project's own; the usual ones, in words of the interface, while it has none. */
  get tags(): readonly string[] {
    return this.#tags ?? t().reasons;
  }

  async load(projectId: string): Promise<void> {
    if (projectId !== this.#projectId) [this.#projectId, this.#settings, this.#tags] = [projectId, DEFAULT_QUEUE, null];
    if (!projectId) return;
    const db = await connection.open();
    const [settings, tags] = [
      await db.get('settings', queueKey(projectId)),
      await db.get('settings', tagsKey(projectId)),
    ];
    if (projectId !== this.#projectId) return;
    const read = readable(settings);
    if (JSON.stringify(read) !== JSON.stringify(this.#settings)) this.#settings = read;
    this.#tags = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : null;
  }

  async setSettings(settings: QueueSettings): Promise<void> {
    const valid = validateQueue({ ...settings });
    this.#settings = valid;
    await this.#keep(queueKey(this.#projectId), valid);
  }

  async setTags(tags: readonly string[]): Promise<void> {
    const named = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))];
    this.#tags = named;
    await this.#keep(tagsKey(this.#projectId), named);
  }

  async #keep(key: string, value: unknown): Promise<void> {
    await connection.write(['settings'], (tx) => tx.objectStore('settings').put(value, key));
  }
}

function readable(value: unknown): QueueSettings {
  try {
    return validateQueue(value);
  } catch {
    return DEFAULT_QUEUE; // never set, or by another version
  }
}

export const queueChoices = new QueueChoices();
