// For tests of the readers: files with names, and a small site that serves what PDFs need.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { read, type Outcome, type ReadText } from '../../../src/retrieval/read/index.ts';

// pdf.js makes one of each when it loads, to draw with; Node has none, and nothing is drawn.
for (const name of ['DOMMatrix', 'ImageData', 'Path2D'])
  if (!(name in globalThis)) Object.assign(globalThis, { [name]: class {} });

export const fixture = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`files/${name}`, import.meta.url)));

export const named = (name: string, data: BlobPart, type = ''): File => new File([data], name, { type });

/** Serves the maps and fonts of pdf.js as the studio's own site does. */
export async function serveSite(): Promise<{ siteUrl: string; asked: string[]; close(): void }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    try {
      const file = new URL(`../../../node_modules/pdfjs-dist/${path.replace(/^\/pdf\//, '')}`, import.meta.url);
      response.end(readFileSync(file));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { siteUrl: `http://127.0.0.1:${port}/`, asked, close: () => server.close() };
}

export function reading(file: File, siteUrl = 'http://127.0.0.1:9/'): Promise<Outcome> {
  return read(file, { siteUrl, signal: new AbortController().signal, onProgress: () => undefined });
}

export async function textOf(file: File, siteUrl?: string): Promise<ReadText> {
  const outcome = await reading(file, siteUrl);
  expect(outcome).not.toHaveProperty('problem');
  return outcome as ReadText;
}
