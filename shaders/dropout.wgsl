// Dropout (Srivastava et al. 2014).   y = mask · x / (1 − rate) (+ residual), mask = 1 with probability 1 − rate, else 0
// The mask follows from seed, number of the microbatch, stream and element alone: the backward pass is the same kernel over
// the gradient, and no mask is ever stored. One invocation per four elements: what one Philox gives.
// Constants: RESIDUAL is 0 or 1.
// @common
struct Params { size: u32, stream: u32, rate: f32 }
@group(0) @binding(0) var<storage, read>       x:        array<f32>;  // [size]
@group(0) @binding(1) var<storage, read>       residual: array<f32>;  // [size], unread unless RESIDUAL
@group(0) @binding(2) var<storage, read>       random:   array<u32>;  // [2]: seed, number of the microbatch
@group(0) @binding(3) var<storage, read_write> y:        array<f32>;  // [size]
@group(0) @binding(4) var<uniform>             params:   Params;

const DROPOUT = 0x64726f70u;  // DOMAIN.dropout of src/engine/random.ts

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let four = id.y * groups.x * 64u + id.x;
  if (4u * four >= params.size) { return; }
  let bits = philox(vec4u(four, random[1], params.stream, DROPOUT), vec2u(random[0], 0u));
  // @unroll
  for (var j = 0u; j < 4u; j++) {
    let i = 4u * four + j;
    if (i < params.size) {
      var value = select(0.0, x[i] / (1.0 - params.rate), uniform01(bits[j]) >= params.rate);
      if (RESIDUAL == 1u) { value += residual[i]; }
      y[i] = value;
    }
  }
}
