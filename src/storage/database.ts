// The idb door: the schema, its stepwise upgrades, strict writes, and errors as sentences.
import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { Document } from '../records/document.ts';
import type { Generation } from '../records/generation.ts';
import type { Project } from '../records/project.ts';

export interface Schema extends DBSchema {
  projects: { key: string; value: Project };
  documents: {
    key: string;
    value: Document;
    indexes: { byProject: string; byContent: [projectId: string, sha256: string] };
  };
  generations: { key: string; value: Generation; indexes: { byProject: string; byAsk: string } };
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
];

export interface ConnectionEvents {
  /** We wait: another tab still holds an older version open. */
  onBlocked?: () => void;
  /** Another tab holds a newer version: this connection has been closed so that it can go on. */
  onOutdated?: () => void;
  /** The browser closed the connection (storage cleared, disk gone). */
  onLost?: () => void;
}

export async function openDatabase(
  events: ConnectionEvents = {},
  name = DATABASE_NAME,
  upgrades: readonly Upgrade[] = UPGRADES,
): Promise<Database> {
  try {
    return await openDB<Schema>(name, upgrades.length, {
      async upgrade(db, oldVersion, _newVersion, tx) {
        for (const step of upgrades.slice(oldVersion)) await step(db, tx);
      },
      blocked: () => events.onBlocked?.(),
      blocking: (_current, _wanted, event) => {
        (event.target as IDBDatabase).close();
        events.onOutdated?.();
      },
      terminated: () => events.onLost?.(),
    });
  } catch (error) {
    throw explain(error);
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

/** `name` is what code (and the message table) tests; the message stands alone. */
export class StorageError extends Error {
  constructor(
    override name: 'StorageFull' | 'StorageOutdated' | 'StorageTwice' | 'StorageFailed',
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Turns what IndexedDB throws into a sentence that says what to do. Other errors pass through. */
export function explain(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  const got = `got ${error.name}${error.message ? ` (${error.message})` : ''}`;
  switch (error.name) {
    case 'QuotaExceededError':
      return new StorageError(
        'StorageFull',
        `storage: the browser must have room left for this site, ${got}. Delete documents or projects, or free disk space, and try again; nothing that was saved before is lost.`,
        error,
      );
    case 'VersionError':
    case 'InvalidStateError':
      return new StorageError(
        'StorageOutdated',
        `storage: this tab must use the same version as the stored data, ${got}. Reload this tab.`,
        error,
      );
    case 'ConstraintError':
      return new StorageError(
        'StorageTwice',
        `storage: the same content can be stored only once, ${got}. Use what is already there.`,
        error,
      );
    default:
      return new StorageError(
        'StorageFailed',
        `storage: the browser must let this site keep data, ${got}. Leave private browsing or allow site data, then reload.`,
        error,
      );
  }
}
