// The zip.js door: archives read within limits, whatever their headers promise, and written as a stream.
import { BlobReader, configure, Uint8ArrayReader, ZipReader, ZipWriter } from '@zip.js/zip.js/lib/zip-core-custom.js';
import type { Entry, FileEntry } from '@zip.js/zip.js/lib/zip-core-custom.js';

configure({ useWebWorkers: false }); // we are in a worker already; the platform's own streams inflate

/** `name` is what code tests: encrypted, unfolding beyond the limits, leaving its folder, or not to be read at all. */
export class ZipError extends Error {
  constructor(
    override name: 'ZipEncrypted' | 'ZipBomb' | 'ZipUnsafe' | 'ZipBroken',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

export interface ZipLimits {
  entries: number;
  /** Of one part, unpacked. */
  partBytes: number;
  /** Of all parts that are read, together. */
  totalBytes: number;
}

const LIMITS: ZipLimits = { entries: 10_000, partBytes: 500_000_000, totalBytes: 2_000_000_000 };

/** Texts pack to a fourth or so, vectors hardly. */
const USUAL_RATIO = 10;

/** For archives that may be of any size: what was packed no more densely than usual is no bomb, however much it is. */
export const limitsOfLarge = (zipBytes: number): ZipLimits => ({
  entries: 100_000,
  partBytes: Math.max(LIMITS.partBytes, USUAL_RATIO * zipBytes),
  totalBytes: Math.max(LIMITS.totalBytes, USUAL_RATIO * zipBytes),
});

export interface ZipPart {
  /** Names joined by "/", never absolute, never with "..". */
  path: string;
  /** As its header says: for a progress line, not to be trusted. */
  bytes: number;
  read(signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** For large parts: may lie on the disk rather than in memory. */
  blob(signal?: AbortSignal): Promise<Blob>;
}

export interface OpenZip {
  /** In the order of the archive's directory; folders are not among them. */
  parts: readonly ZipPart[];
  find(path: string): ZipPart | undefined;
}

/** Reads the directory of the archive; each part is unpacked when it is asked for. */
export async function openZip(blob: Blob, limits: Partial<ZipLimits> = {}): Promise<OpenZip> {
  const { entries: most, partBytes, totalBytes } = { ...LIMITS, ...limits };
  let unpacked = 0;

  async function chunks(entry: FileEntry, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>[]> {
    const found: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    const counted = new WritableStream<Uint8Array<ArrayBuffer>>({
      write(chunk) {
        bytes += chunk.length;
        unpacked += chunk.length;
        if (bytes > partBytes || unpacked > totalBytes)
          throw new ZipError(
            'ZipBomb',
            `zip: ${entry.filename} must unpack to at most ${Math.min(partBytes, totalBytes)} bytes, got more. Leave it out.`,
          );
        found.push(chunk);
      },
    });
    try {
      await entry.getData(counted, { signal, checkSignature: true, checkOverlappingEntry: true });
    } catch (error) {
      throw explain(error, signal);
    }
    return found;
  }

  const parts: ZipPart[] = [];
  for await (const entry of directory(blob)) {
    if (parts.length >= most)
      throw new ZipError('ZipBomb', `zip: must hold at most ${most} files, got more. Split it into several.`);
    if (entry.directory) continue;
    if (entry.encrypted)
      throw new ZipError('ZipEncrypted', `zip: must not be encrypted, got ${entry.filename}. Unlock it first.`);
    parts.push({
      path: entry.filename,
      bytes: entry.uncompressedSize,
      read: async (signal) => join(await chunks(entry, signal)),
      blob: async (signal) => new Blob(await chunks(entry, signal)),
    });
  }
  const byPath = new Map(parts.map((part) => [part.path, part]));
  return { parts, find: (path) => byPath.get(path) };
}

async function* directory(blob: Blob): AsyncGenerator<Entry> {
  try {
    yield* new ZipReader(new BlobReader(blob), { filenameValidation: 'balanced' }).getEntriesGenerator();
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof ZipError || signal?.aborted) return error;
  const said = error instanceof Error ? error.message : String(error);
  if (/encrypt|password/i.test(said))
    return new ZipError('ZipEncrypted', `zip: must not be encrypted, got "${said}". Unlock it first.`, error);
  if (/overlapping/i.test(said))
    return new ZipError('ZipBomb', `zip: parts must not share their bytes, got "${said}". Leave it out.`, error);
  if (/unsafe filename/i.test(said))
    return new ZipError('ZipUnsafe', `zip: names must stay inside of it, got "${said}". Pack it anew.`, error);
  return new ZipError('ZipBroken', `zip: must be a whole zip file, got "${said}". Make or fetch it again.`, error);
}

function join(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

export interface NewPart {
  path: string;
  data: Blob | Uint8Array;
  /** False for what is compressed already or does not compress: pictures, PDF, vectors. */
  deflate: boolean;
}

/** Parts are asked for one after the other, so that only one is in memory. The date stands at every part. */
export function writeZip(parts: AsyncIterable<NewPart>, date: Date): ReadableStream<Uint8Array<ArrayBuffer>> {
  let fail: (error: unknown) => void = () => undefined;
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      fail = (error) => controller.error(error);
    },
  });
  const writer = new ZipWriter(writable, { lastModDate: date, extendedTimestamp: false });
  async function write(): Promise<void> {
    for await (const { path, data, deflate } of parts) {
      const reader = data instanceof Blob ? new BlobReader(data) : new Uint8ArrayReader(data);
      await writer.add(path, reader, deflate ? {} : { level: 0 });
    }
    await writer.close();
  }
  write().catch(fail);
  return readable;
}
