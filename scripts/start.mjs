// npm start: builds the studio when its sources or hub origins are not those of the last build, serves it, prints where.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview, resolveConfig } from 'vite';

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

/** True when dist/ is the result of today's sources, under the policy that HUB_ORIGINS gives now. */
async function isFresh() {
  const [last, headers] = [join(root, 'dist/sw.js'), join(root, 'dist/_headers')]; // sw.js is what a build writes last
  if (!existsSync(last) || !existsSync(headers)) return false;
  if (statSync(last).mtimeMs < Math.max(...SOURCES.map((path) => newest(join(root, path))))) return false;
  const { preview } = await resolveConfig({ root }, 'build');
  return readFileSync(headers, 'utf8').includes(`${preview.headers['Content-Security-Policy']}\n`);
}

if (!(await isFresh())) {
  console.log('Building the studio…');
  await build({ root, logLevel: 'warn' });
}

const server = await preview({ root, preview: { host: 'localhost', port: 4173 } }); // the next free port from 4173 up
console.log(`\nAtelier is ready: ${server.resolvedUrls?.local[0]}\nStop it with Ctrl+C.`);
