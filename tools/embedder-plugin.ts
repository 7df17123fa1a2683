// Vite plugin: the shipped embedder is converted from its npm package, and served and shipped at its url.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { USE_LITE } from '../src/records/embedder.ts';
import { convert, PACKAGE } from './use-lite/convert.ts';

export function embedder(): Plugin {
  const folder = USE_LITE.url ?? '';
  let root = '';
  let converted: ReturnType<typeof convert> | undefined;
  // Seconds of work: begun at the first need, and done once.
  const files = () => (converted ??= convert((path) => readFile(join(root, PACKAGE, path)), 'int8'));
  return {
    name: 'embedder',
    configResolved(config) {
      root = resolve(config.root);
    },
    configureServer(server) {
      server.middlewares.use(`/${folder}`, (request, response, next) => {
        const path = (request.url ?? '').split('?')[0]?.replace(/^\//, '') ?? '';
        files().then((all) => {
          const bytes = all.get(path);
          if (!bytes) return next();
          const type = path.endsWith('.json') ? 'application/json' : 'application/octet-stream';
          response.setHeader('Content-Type', type);
          response.setHeader('Content-Length', bytes.length);
          response.end(bytes);
        }, next);
      });
    },
    async generateBundle() {
      for (const [path, source] of await files()) this.emitFile({ type: 'asset', fileName: folder + path, source });
    },
  };
}
