// Transformers.js imports the runtime with WebGPU, 27 MB and too large a file for some hosts; it gets the plain one.
export const RUNTIME_ALIAS = { 'onnxruntime-web/webgpu': 'onnxruntime-web/wasm' };
