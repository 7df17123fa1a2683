// npm run test:slow: what takes minutes (real weights, whole texts, runs) on Dawn in Node, the GPU tests once more in
// Chromium, and the long journeys on the built site; one closing line.
import { dawnEnv } from './env.mjs';
import { lane } from './lane.mjs';

const slow = lane('slow', dawnEnv());
const chosen = process.argv.slice(2);
slow.vitest('slow', chosen);
if (chosen.length === 0) {
  slow.vitest('gpu-browser');
  if (slow.check('build', 'vite/bin/vite.js', ['build', '--logLevel', 'warn'])) slow.playwright('slow');
}
slow.finish();
