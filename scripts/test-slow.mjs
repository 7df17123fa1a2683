// npm run test:slow: what takes minutes (real weights, whole texts) on Dawn in Node; one closing line.
import { dawnEnv } from './env.mjs';
import { lane } from './lane.mjs';

const slow = lane('slow', dawnEnv());
slow.vitest('slow', process.argv.slice(2));
slow.finish();
