// RMSNorm over the last axis.   rstd = 1 / sqrt(mean(x²) + eps)    y = x · rstd · weight
// LANES invocations share a row: each sums the whole row for itself, which is cheaper than a barrier, and writes its part.
struct Params { rows: u32, quads: u32, eps: f32 }  // quads = dim / 4
@group(0) @binding(0) var<storage, read>       x:      array<vec4f>;  // [rows, quads]
@group(0) @binding(1) var<storage, read>       weight: array<vec4f>;  // [quads]
@group(0) @binding(2) var<storage, read_write> y:      array<vec4f>;  // [rows, quads]
@group(0) @binding(3) var<storage, read_write> rstd:   array<f32>;    // [rows], kept for the backward pass
@group(0) @binding(4) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let row = i / LANES;
  let lane = i % LANES;
  if (row >= params.rows) {
    return;
  }
  let start = row * params.quads;
  var squares = vec4f();
  for (var j = start; j < start + params.quads; j++) {
    let v = x[j];
    squares += v * v;
  }
  let mean = ((squares.x + squares.y) + (squares.z + squares.w)) / f32(4u * params.quads);
  let scale = 1.0 / sqrt(mean + params.eps);
  for (var j = lane; j < params.quads; j += LANES) {
    y[start + j] = x[start + j] * scale * weight[j];
  }
  if (lane == 0u) {
    rstd[row] = scale;
  }
}
