// npm run merge: builds dist-node/merge.mjs where it is missing or older than its sources, and runs it.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './env.mjs';

const built = join(root, 'dist-node/merge.mjs');
const sources = ['src/curation', 'src/formats', 'src/records', 'tools', 'vite.node.config.ts'];

function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => /\.ts$/.test(entry.name));
  return Math.max(0, ...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

if (!existsSync(built) || statSync(built).mtimeMs < Math.max(...sources.map((path) => newest(join(root, path))))) {
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.node.config.ts'), logLevel: 'error' });
}
const { main } = await import(pathToFileURL(built).href);
process.exitCode = await main(process.argv.slice(2), { out: console.log, err: console.error });
