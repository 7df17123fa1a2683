// Module aliases: transformers.js imports the largest ONNX runtime; ours is the plain one, which also fits a host's limit.
export const runtimeAlias = { 'onnxruntime-web/webgpu': 'onnxruntime-web/wasm' };
