// Vite plugin: the top-level datasets/ folder is served and shipped as it is, at datasets/.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import type { Plugin } from 'vite';

const TYPES: Record<string, string> = {
  json: 'application/json',
  jsonl: 'application/jsonl; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
};

export const datasets = (folder = 'datasets'): Plugin => ({
  name: 'datasets',
  configureServer(server) {
    server.middlewares.use(`/${folder}`, (request, response, next) => {
      const path = normalize(join(folder, decodeURIComponent((request.url ?? '').split('?')[0] ?? '')));
      if (!path.startsWith(folder + sep) || !existsSync(path) || !statSync(path).isFile()) return next();
      response.setHeader('Content-Type', TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream');
      createReadStream(path).pipe(response);
    });
  },
  async generateBundle() {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      this.emitFile({ type: 'asset', fileName: path.split(sep).join('/'), source: await readFile(path) });
    }
  },
});
