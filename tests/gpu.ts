// Where tests get WebGPU and files from, the same in Chromium and in Node (Dawn through npm `webgpu`).

let gpu: Promise<GPU> | undefined;

/** WebGPU that has an adapter; throws in words where there is none. */
export function testGpu(): Promise<GPU> {
  gpu ??= 'document' in globalThis ? browserGpu() : dawn();
  return gpu;
}

async function browserGpu(): Promise<GPU> {
  if (await navigator.gpu?.requestAdapter()) return navigator.gpu;
  throw new Error(
    'testGpu: Chromium must have a WebGPU adapter, got none. Start it with the flags of scripts/chromium.mjs.',
  );
}

async function dawn(): Promise<GPU> {
  const name = 'webgpu'; // a variable, so that the browser build does not look into it
  const { create, globals } = (await import(/* @vite-ignore */ name)) as typeof import('webgpu');
  Object.assign(globalThis, globals);
  const found: GPU = create([]);
  if (await found.requestAdapter()) return found;
  throw new Error('testGpu: Dawn must find a Vulkan driver, got none. Run tests through `node scripts/vitest.mjs`.');
}

/** The bytes of a file of the project, its path from the project's root; null when there is none. */
export async function projectFile(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  if ('document' in globalThis) {
    const response = await fetch(`/${path.replace(/^public\//, '')}`); // served at the root
    const fallbackPage = response.headers.get('content-type')?.startsWith('text/html') && !path.endsWith('.html');
    return response.ok && !fallbackPage ? new Uint8Array(await response.arrayBuffer()) : null;
  }
  const name = 'node:fs/promises';
  const { readFile } = (await import(/* @vite-ignore */ name)) as typeof import('node:fs/promises');
  return readFile(path).then(
    (bytes) => Uint8Array.from(bytes),
    () => null,
  );
}
