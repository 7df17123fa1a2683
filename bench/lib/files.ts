// A shipped model's files as the engine wants them, through the bench's context.
import type { ModelFiles } from '../../src/engine/models/weights.ts';
import type { BenchContext } from './context.ts';

/** `url`: its folder under public/. */
export function modelFiles(ctx: BenchContext, url: string): ModelFiles {
  const read = (name: string) => ctx.file(`public/${url}${name}`).catch(() => null);
  return {
    async text(name) {
      const bytes = await read(name);
      return bytes && new TextDecoder().decode(bytes);
    },
    async stream(name) {
      const bytes = await read(name);
      return bytes && { stream: new Blob([bytes]).stream(), bytes: bytes.length };
    },
  };
}
