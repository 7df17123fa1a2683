// A plain static host for tests: a site under a sub-path, no headers of its own unless told, a log of what was asked.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

export interface StaticHost {
  url: string;
  /** The folder that is served: assign another one to deploy a new version. */
  root: string;
  /** Paths asked for, in order, from the server's root. */
  log: string[];
  /** Paths (from the site) that answer 404 although they exist. */
  missing: Set<string>;
  close(): Promise<void>;
}

export async function staticHost(
  root: string,
  prefix = '/',
  headers: Record<string, string> = {},
): Promise<StaticHost> {
  const host: StaticHost = { url: '', root, log: [], missing: new Set(), close };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    host.log.push(path);
    const inner = path.startsWith(prefix) ? normalize(path.slice(prefix.length) || '.') : '..';
    let file = join(host.root, inner);
    if (existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html');
    if (inner.startsWith('..') || host.missing.has(inner) || !existsSync(file)) {
      response.writeHead(404, { 'content-type': 'text/plain', ...headers }).end('not here');
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': statSync(file).size, ...headers });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  host.url = `http://localhost:${(server.address() as AddressInfo).port}${prefix}`;
  return host;

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
