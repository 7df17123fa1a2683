// The OPFS door: large files by path, replaced atomically; works in the window and in workers.
//
// A write goes to "<name>.<seq>.tmp". Once that is complete and closed it becomes "<name>.new", the old file is
// removed, and "<name>.new" becomes "<name>". A kill at any point leaves the old file or the whole new one:
// a ".tmp" is never read, a ".new" is always complete and wins.

import { explain, StorageError } from './errors.ts';

/** move() is shipped by every engine with OPFS but is not in TypeScript's DOM library yet. */
interface Movable extends FileSystemFileHandle {
  move(name: string): Promise<void>;
}
/** Dedicated workers only. */
interface SyncOpenable extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    write(data: Uint8Array, options: { at: number }): number;
    truncate(size: number): void;
    flush(): void;
    close(): void;
  }>;
}

export interface StoredFile {
  path: string;
  bytes: number;
}

const TEMPORARY = /\.[0-9a-f-]{36}\.tmp$/;
const COMPLETE = /\.new$/;
/** Where the browser keeps no files, none is there. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NotFoundError' || error.name === 'StorageAbsent');
const lockName = (path: string): string => `atelier-file:${path}`;

async function root(): Promise<FileSystemDirectoryHandle> {
  try {
    return await navigator.storage.getDirectory();
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new StorageError(
      'StorageAbsent',
      `storage: the browser must let this site keep files, got ${got}. Leave private browsing, or use another browser.`,
      error,
    );
  }
}

/** Folder and name of "a/b/c.bin". */
async function locate(path: string, create: boolean): Promise<[FileSystemDirectoryHandle, string]> {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || TEMPORARY.test(path) || COMPLETE.test(path))
    throw new Error(
      `files: a path must be names joined by "/" and not end in .tmp or .new, got ${JSON.stringify(path)}. Rename it.`,
    );
  const name = parts.pop() as string;
  let folder = await root();
  for (const part of parts) folder = await folder.getDirectoryHandle(part, { create });
  return [folder, name];
}

async function handleOf(folder: FileSystemDirectoryHandle, name: string): Promise<Movable | null> {
  try {
    return (await folder.getFileHandle(name)) as Movable;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function removeEntry(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await folder.removeEntry(name);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Finishes a swap that was cut between its renames. Call under the file's lock. */
async function settle(folder: FileSystemDirectoryHandle, name: string): Promise<Movable | null> {
  const complete = await handleOf(folder, `${name}.new`);
  if (!complete) return handleOf(folder, name);
  await removeEntry(folder, name);
  await complete.move(name);
  return complete;
}

async function fill(handle: FileSystemFileHandle, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<number> {
  let bytes = 0;
  if ('createSyncAccessHandle' in handle) {
    const access = await (handle as SyncOpenable).createSyncAccessHandle();
    try {
      access.truncate(0);
      for await (const chunk of chunks) {
        const written = access.write(chunk, { at: bytes });
        if (written !== chunk.byteLength) throw new DOMException('short write', 'QuotaExceededError');
        bytes += written;
      }
      access.flush();
    } finally {
      access.close();
    }
    return bytes;
  }
  const writable = await handle.createWritable();
  try {
    for await (const chunk of chunks) {
      await writable.write(chunk);
      bytes += chunk.byteLength;
    }
  } catch (error) {
    await writable.abort();
    throw error;
  }
  await writable.close();
  return bytes;
}

/** Of a large file, for writeFile. */
export async function* piecesOf(file: Blob, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const PIECE = 4_000_000;
  for (let at = 0; at < file.size; at += PIECE) {
    signal?.throwIfAborted();
    yield new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
  }
}

/** Writes the whole file or leaves what was there. Resolves with its size once it is in place. */
export async function writeFile(path: string, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<number> {
  const [folder, name] = await locate(path, true);
  const temporary = `${name}.${crypto.randomUUID()}.tmp`;
  // Held while writing, so that recover() in another tab can tell a live write from a dead one.
  return navigator.locks.request(lockName(temporary), async () => {
    const handle = (await folder.getFileHandle(temporary, { create: true })) as Movable;
    try {
      const bytes = await fill(handle, chunks);
      await navigator.locks.request(lockName(path), async () => {
        await settle(folder, name);
        await handle.move(`${name}.new`);
        await settle(folder, name);
      });
      return bytes;
    } catch (error) {
      await removeEntry(folder, temporary);
      throw explain(error);
    }
  });
}

/** A snapshot to stream or slice; null when there is no such file. Ask again after a write. */
export async function readFile(path: string): Promise<File | null> {
  try {
    const [folder, name] = await locate(path, false);
    return await navigator.locks.request(lockName(path), async () => (await settle(folder, name))?.getFile() ?? null);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function deleteFile(path: string): Promise<void> {
  try {
    const [folder, name] = await locate(path, false);
    await navigator.locks.request(lockName(path), async () => {
      await removeEntry(folder, `${name}.new`);
      await removeEntry(folder, name);
    });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Removes a folder with all that lies in it; not while something in it is being written. */
export async function deleteFolder(path: string): Promise<void> {
  try {
    const [folder, name] = await locate(path, false);
    await folder.removeEntry(name, { recursive: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** The names of the complete files that lie in a folder itself, in no order. */
export async function listFolder(path: string): Promise<string[]> {
  const names = new Set<string>();
  try {
    const [parent, name] = await locate(path, false);
    for await (const [entry, handle] of (await parent.getDirectoryHandle(name)).entries())
      if (handle.kind === 'file' && !TEMPORARY.test(entry)) names.add(entry.replace(COMPLETE, ''));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return [...names];
}

/** Every complete file, by path. */
export async function listFiles(): Promise<StoredFile[]> {
  await recover();
  const found: StoredFile[] = [];
  for await (const { path, handle } of walk()) found.push({ path, bytes: (await handle.getFile()).size });
  return found.filter(({ path }) => !TEMPORARY.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Clears what dead writes left: finishes complete swaps, removes half-written files. Live writes are left alone. */
export async function recover(): Promise<void> {
  const leftovers: string[] = [];
  for await (const { path } of walk()) if (TEMPORARY.test(path) || COMPLETE.test(path)) leftovers.push(path);
  for (const path of leftovers) {
    const target = path.replace(COMPLETE, '');
    const [folder, name] = await locate(target.replace(TEMPORARY, ''), false);
    const last = path.slice(path.lastIndexOf('/') + 1);
    await navigator.locks.request(
      lockName(TEMPORARY.test(path) ? last : target),
      { ifAvailable: true },
      async (lock) => {
        if (!lock) return;
        if (TEMPORARY.test(path)) await removeEntry(folder, last);
        else await settle(folder, name);
      },
    );
  }
}

/** Removes everything that this site keeps in files; what is in use keeps nothing else. */
export async function deleteAllFiles(): Promise<void> {
  const folder = await root().catch(() => null);
  const inUse = folder ? await deleteAll(folder, '') : [];
  if (inUse.length > 0)
    throw new Error(
      `files: none may be in use when all are removed, got ${inUse.length} (${inUse.slice(0, 3).join(', ')}). ` +
        'Close the other tabs of this site, then reload this page.',
    );
}

/** The paths of what is in use. */
async function deleteAll(folder: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  const entries: [string, FileSystemHandle][] = [];
  for await (const entry of folder.entries()) entries.push(entry);
  const inUse: string[] = [];
  for (const [name, handle] of entries) {
    try {
      await folder.removeEntry(name, { recursive: true });
    } catch (error) {
      if (isMissing(error)) continue;
      if (handle.kind === 'file') inUse.push(prefix + name);
      else inUse.push(...(await deleteAll(handle as FileSystemDirectoryHandle, `${prefix}${name}/`)));
    }
  }
  return inUse;
}

async function* walk(
  folder?: FileSystemDirectoryHandle,
  prefix = '',
): AsyncGenerator<{ path: string; handle: FileSystemFileHandle }> {
  for await (const [name, handle] of (folder ?? (await navigator.storage.getDirectory())).entries()) {
    if (handle.kind === 'directory') yield* walk(handle, `${prefix}${name}/`);
    else yield { path: prefix + name, handle };
  }
}
