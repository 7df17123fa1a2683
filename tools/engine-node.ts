// What plain Node gets of the engine: the entry of `npm run build:node`, for benches and for scripts with Dawn.
export { openGpu, type Gpu } from '../src/engine/gpu/device.ts';
export { Recorder, type Program } from '../src/engine/gpu/program.ts';
export { Decoder } from '../src/engine/decoder.ts';
export { profile } from '../src/engine/gpu/profile.ts';
export { deviceReport } from '../src/engine/gpu/report.ts';
export { linear, matmul } from '../src/engine/ops/matmul.ts';
export { forward, loadLlama, logits, readConfig } from '../src/engine/models/llama.ts';
export { Tokenizer } from '../src/engine/tokenizer.ts';
export { generate } from '../src/engine/generate.ts';
