// A model's files as the engine wants them, from a folder of the project.
import type { ModelFiles } from '../../src/engine/models/weights.ts';
import { projectFile } from '../gpu.ts';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function filesIn(folder: string): ModelFiles {
  const read = (name: string) => projectFile(`${folder}/${name}`);
  return {
    text: async (name) => {
      const bytes = await read(name);
      return bytes && new TextDecoder().decode(bytes);
    },
    stream: async (name) => {
      const bytes = await read(name);
      return bytes && { stream: once(bytes), bytes: bytes.length };
    },
  };
}

export async function json<T>(path: string): Promise<T> {
  const bytes = await projectFile(path);
  if (!bytes) throw new Error(`${path}: the file must be there, got none. Restore it from version control.`);
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
