// npm start: builds the studio when its sources are newer than the last build, serves it, prints the address.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = [
  'src',
  'workers',
  'shaders',
  'public',
  'datasets',
  'tools',
  'index.html',
  'vite.config.ts',
  'package.json',
];

/** The time of the newest change below `path`; folders count too, so that a deleted file is noticed. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return Math.max(own.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const built = join(root, 'dist/sw.js'); // the last file that a build writes
const changed = Math.max(...SOURCES.map((path) => newest(join(root, path))));
if (process.env.HUB_ORIGINS || !existsSync(built) || statSync(built).mtimeMs < changed) {
  console.log('Building the studio…');
  await build({ root, logLevel: 'warn' });
}

const server = await preview({ root, preview: { host: 'localhost', port: 4173 } }); // the next free port from 4173 up
console.log(`\nAtelier is ready: ${server.resolvedUrls?.local[0]}\nStop it with Ctrl+C.`);
