// Vite plugin: the character maps and standard fonts of pdf.js are served and shipped at pdf/, fetched when a PDF asks.
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** What the readers of documents load on first need: bundled before, so that the dev server does not reload the page. */
export const readerPackages = [
  'chardet',
  'htmlparser2',
  'papaparse',
  'pdfjs-dist/legacy/build/pdf.mjs',
  'pdfjs-dist/legacy/build/pdf.worker.mjs',
  '@zip.js/zip.js/lib/zip-core-custom.js',
];

const FOLDERS = ['cmaps', 'standard_fonts'];
const PACKAGE = fileURLToPath(new URL('../node_modules/pdfjs-dist/', import.meta.url));

export const pdf = (): Plugin => ({
  name: 'pdf',
  configureServer(server) {
    server.middlewares.use('/pdf', (request, response, next) => {
      const [, folder = '', name = ''] = /^\/(\w+)\/([\w-]+\.\w+)(?:\?|$)/.exec(request.url ?? '') ?? [];
      if (!FOLDERS.includes(folder) || !existsSync(`${PACKAGE}${folder}/${name}`)) return next();
      response.setHeader('Content-Type', 'application/octet-stream');
      createReadStream(`${PACKAGE}${folder}/${name}`).pipe(response);
    });
  },
  async generateBundle() {
    for (const folder of FOLDERS)
      for (const name of await readdir(PACKAGE + folder))
        this.emitFile({
          type: 'asset',
          fileName: `pdf/${folder}/${name}`,
          source: await readFile(`${PACKAGE}${folder}/${name}`),
        });
  },
});
