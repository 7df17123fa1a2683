// npm run test:slow: what takes minutes (real weights, whole texts, runs) on Dawn in Node, and the GPU tests once more in
// Chromium; one closing line.
import { dawnEnv } from './env.mjs';
import { lane } from './lane.mjs';

const slow = lane('slow', dawnEnv());
const chosen = process.argv.slice(2);
slow.vitest('slow', chosen);
if (chosen.length === 0) slow.vitest('gpu-browser');
slow.finish();
