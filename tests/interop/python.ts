// Runs a script beside it with the Python of the interop environment (scripts/test-interop.mjs prepares it).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What the script prints, as JSON; throws with its own words when it fails. */
export function python(script: string, ...args: string[]): unknown {
  const interpreter = process.env.ATELIER_PYTHON;
  if (!interpreter)
    throw new Error('python: ATELIER_PYTHON must name an interpreter, got nothing. Use `npm run test:interop`.');
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync(interpreter, [path, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${script}: must exit with 0, got ${status}. It said:\n${stderr}`);
  return JSON.parse(stdout);
}
