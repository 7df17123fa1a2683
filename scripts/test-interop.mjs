// npm run test:interop: our files in the Python tools and theirs in ours, in a virtual environment outside the tree.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { dawnEnv, root } from './env.mjs';
import { lane } from './lane.mjs';

const requirements = join(root, 'tools/requirements-interop.txt');
const windows = process.platform === 'win32';

const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0;

/** A Python that can hold the pinned versions, or undefined. */
function systemPython() {
  const suits = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  return ['python3', 'python', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', suits], { stdio: 'ignore' }).status === 0,
  );
}

/** The environment's Python; its folder is named after the requirements, so that new pins get a new one. */
function environment() {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'atelier', `venv-${hash}`);
  const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  const complete = join(folder, 'complete');
  if (existsSync(complete) && existsSync(python)) return python;
  const system = systemPython();
  if (!system) throw new Error('Python must be 3.10 or newer with venv, got none. Install it (Debian: python3-venv).');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
  if (!run(system, ['-m', 'venv', folder]) || !run(python, pip))
    throw new Error('The pinned Python packages could not be installed. See the lines above.');
  writeFileSync(complete, '');
  return python;
}

let python;
let problem;
try {
  const start = performance.now();
  python = environment();
  console.log(`[interop] ${python} ready in ${((performance.now() - start) / 1000).toFixed(1)} s`);
} catch (error) {
  problem = error.message;
}
const interop = lane('interop', { ...dawnEnv(), ATELIER_PYTHON: python ?? '' });
if (problem) interop.fail(problem);
else interop.vitest('interop', process.argv.slice(2));
interop.finish();
