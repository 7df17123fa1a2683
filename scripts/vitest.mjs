// Runs vitest with the environment that Dawn needs:  node scripts/vitest.mjs run --project gpu-node tests/ops/x.gpu.test.ts
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { dawnEnv, root } from './env.mjs';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, ...process.argv.slice(2)], {
  cwd: root,
  env: dawnEnv(),
  stdio: 'inherit',
});
process.exit(status ?? 1);
