// Begins to write the file that it is told and never ends: the test kills it.
import { writeFile } from '../../src/storage/files.ts';

async function* endless(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield new TextEncoder().encode('half of the new');
  postMessage('written');
  await new Promise(() => undefined);
}

self.onmessage = (event: MessageEvent<string>) => void writeFile(event.data, endless());
