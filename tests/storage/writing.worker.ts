// Writes a small file from a worker, where the sync handle is used.
import { writeFile } from '../../src/storage/files.ts';

async function* parts(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const text of ['from ', 'worker']) yield new TextEncoder().encode(text);
}

self.onmessage = async (event: MessageEvent<string>) => postMessage(await writeFile(event.data, parts()));
