// The idb door: the schema, its stepwise upgrades, and strict writes.
import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { Adapter } from '../records/adapter.ts';
import type { Batch } from '../records/batch.ts';
import type { Comparison, TaskFile } from '../records/comparison.ts';
import type { ChunkPlan } from '../records/corpus.ts';
import type { Demonstration } from '../records/demonstration.ts';
import type { Document, DocumentText } from '../records/document.ts';
import type { Embedder } from '../records/embedder.ts';
import type { Feedback, FeedbackAction } from '../records/feedback.ts';
import type { Generation } from '../records/generation.ts';
import type { FeedbackFile } from '../records/merging.ts';
import type { Preference, PreferenceEdit } from '../records/preference.ts';
import type { ProjectPrompt } from '../records/prompt.ts';
import type { Project } from '../records/project.ts';
import type { RewardQuality } from '../records/rewardQuality.ts';
import type { Run, RunEvent } from '../records/run.ts';
import { explain } from './errors.ts';

export interface Schema extends DBSchema {
  projects: { key: string; value: Project };
  documents: {
    key: string;
    value: Document;
    indexes: { byProject: string; byContent: [projectId: string, sha256: string] };
  };
  /** By document; the text of version-1 rows was moved here. */
  texts: { key: string; value: DocumentText; indexes: { byProject: string } };
  chunks: { key: string; value: ChunkPlan; indexes: { byProject: string } };
  /** Brought by a person; the one that ships is not among them. */
  embedders: { key: string; value: Embedder };
  generations: { key: string; value: Generation; indexes: { byProject: string; byAsk: string } };
  demonstrations: { key: string; value: Demonstration; indexes: { byProject: string } };
  runs: { key: string; value: Run; indexes: { byProject: string } };
  /** The log of a run: cut back from its end, never edited. */
  runEvents: { key: [runId: string, index: number]; value: RunEvent };
  adapters: { key: string; value: Adapter; indexes: { byProject: string } };
  comparisons: { key: string; value: Comparison; indexes: { byProject: string } };
  taskFiles: { key: string; value: TaskFile; indexes: { byProject: string } };
  batches: { key: string; value: Batch; indexes: { byProject: string } };
  feedback: { key: string; value: Feedback; indexes: { byProject: string } };
  /** What can be undone, in the order in which it was done. */
  actions: { key: [projectId: string, annotator: string, index: number]; value: FeedbackAction };
  feedbackFiles: { key: string; value: FeedbackFile; indexes: { byProject: string } };
  preferences: { key: [projectId: string, id: string]; value: Preference };
  /** Outlives the preference that it changes. */
  preferenceEdits: { key: [projectId: string, id: string]; value: PreferenceEdit };
  /** What PPO practises on. */
  prompts: { key: [projectId: string, id: string]; value: ProjectPrompt };
  /** By the reward model's adapter; goes with it. */
  rewardQualities: { key: string; value: RewardQuality; indexes: { byProject: string } };
  settings: { key: string; value: unknown };
}

export type Store = StoreNames<Schema>;
export type Database = IDBPDatabase<Schema>;
export type Upgrade = (db: Database, tx: IDBPTransaction<Schema, Store[], 'versionchange'>) => void | Promise<void>;

export const DATABASE_NAME = 'atelier';

/** Step n brings version n to n + 1. A step is never edited once it has shipped: append another. */
export const UPGRADES: readonly Upgrade[] = [
  (db) => {
    db.createObjectStore('projects', { keyPath: 'id' });
    const documents = db.createObjectStore('documents', { keyPath: 'id' });
    documents.createIndex('byProject', 'projectId');
    documents.createIndex('byContent', ['projectId', 'sha256'], { unique: true });
    const generations = db.createObjectStore('generations', { keyPath: 'id' });
    generations.createIndex('byProject', 'projectId');
    generations.createIndex('byAsk', 'askId');
    db.createObjectStore('settings');
  },
  async (db, tx) => {
    db.createObjectStore('texts', { keyPath: 'documentId' }).createIndex('byProject', 'projectId');
    db.createObjectStore('chunks', { keyPath: 'documentId' }).createIndex('byProject', 'projectId');
    db.createObjectStore('embedders', { keyPath: 'id' });
    for (let row = await tx.objectStore('documents').openCursor(); row; row = await row.continue()) {
      const { text, ...document } = row.value as Document & { text?: string };
      if (text === undefined) continue;
      const { id: documentId, projectId } = document;
      const markdown = document.mediaType === 'text/markdown';
      await tx.objectStore('texts').put({ documentId, projectId, text, markdown, pages: null });
      await row.update({
        ...document,
        bytes: new Blob([text]).size,
        characters: text.length,
        words: text.split(/\s+/).filter(Boolean).length,
        pages: null,
        emptyPages: [],
        version: 2,
      });
    }
  },
  (db) => {
    db.createObjectStore('demonstrations', { keyPath: 'id' }).createIndex('byProject', 'projectId');
    db.createObjectStore('runs', { keyPath: 'id' }).createIndex('byProject', 'projectId');
    db.createObjectStore('runEvents', { keyPath: ['runId', 'index'] });
    db.createObjectStore('adapters', { keyPath: 'id' }).createIndex('byProject', 'projectId');
  },
  (db) => {
    for (const store of ['comparisons', 'taskFiles', 'batches', 'feedback', 'feedbackFiles'] as const)
      db.createObjectStore(store, { keyPath: 'id' }).createIndex('byProject', 'projectId');
    db.createObjectStore('actions', { keyPath: ['projectId', 'annotator', 'index'] });
    for (const store of ['preferences', 'preferenceEdits'] as const)
      db.createObjectStore(store, { keyPath: ['projectId', 'id'] });
  },
  (db) => {
    db.createObjectStore('prompts', { keyPath: ['projectId', 'id'] });
    db.createObjectStore('rewardQualities', { keyPath: 'id' }).createIndex('byProject', 'projectId');
  },
];

export interface ConnectionEvents {
  /** We wait: another tab still holds an older version open. */
  onBlocked?: () => void;
  /** Another tab holds a newer version: this connection has been closed so that it can go on. */
  onOutdated?: () => void;
  /** Another tab deletes the whole database: this connection has been closed so that it can. */
  onErased?: () => void;
  /** The browser closed the connection (storage cleared, disk gone). */
  onLost?: () => void;
}

export async function openDatabase(
  events: ConnectionEvents = {},
  name = DATABASE_NAME,
  upgrades: readonly Upgrade[] = UPGRADES,
): Promise<Database> {
  let failure: unknown;
  try {
    return await openDB<Schema>(name, upgrades.length, {
      async upgrade(db, oldVersion, _newVersion, tx) {
        tx.done.catch(() => undefined); // the opening itself fails too, and is reported
        try {
          for (const step of upgrades.slice(oldVersion)) await step(db, tx);
        } catch (error) {
          failure = error;
          tryAbort(tx); // or the version would be raised over a half-made change
        }
      },
      blocked: () => events.onBlocked?.(),
      blocking: (_current, wanted, event) => {
        (event.target as IDBDatabase).close();
        if (wanted === null) events.onErased?.();
        else events.onOutdated?.();
      },
      terminated: () => events.onLost?.(),
    });
  } catch (error) {
    throw explain(failure ?? error);
  }
}

/** Removes the whole database; other tabs are told and close theirs. */
export const deleteDatabase = (name = DATABASE_NAME): Promise<void> => deleteDB(name);

/** One transaction that is on the disk when it resolves: for everything that a person made. */
export async function write<Stores extends [Store, ...Store[]]>(
  db: Database,
  stores: Stores,
  body: (tx: IDBPTransaction<Schema, Stores, 'readwrite'>) => Promise<unknown>,
): Promise<void> {
  try {
    const tx = db.transaction(stores, 'readwrite', { durability: 'strict' });
    const done = tx.done.catch((error: unknown) => Promise.reject(error instanceof Error ? error : tx.error));
    try {
      await Promise.all([body(tx), done]);
    } catch (error) {
      if (tx.error === null) tryAbort(tx);
      await done.catch(() => undefined); // the first error is the one that says why
      throw error;
    }
  } catch (error) {
    throw explain(error);
  }
}

function tryAbort(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch {
    // already finished: there is nothing left to undo
  }
}
