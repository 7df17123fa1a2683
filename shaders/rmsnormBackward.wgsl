// Gradient of RMSNorm for its input.   dx = rstd · (dy · weight − x · rstd² · mean(dy · weight · x)) (+ before)
// LANES invocations share a row: each sums the whole row for itself, which is cheaper than a barrier, and writes its part.
// BEFORE is 0 or 1: whether x has a gradient already, from the residual connection, that this one is added to.
struct Params { rows: u32, quads: u32 }  // quads = dim / 4
@group(0) @binding(0) var<storage, read>       x:      array<vec4f>;  // [rows, quads]
@group(0) @binding(1) var<storage, read>       weight: array<vec4f>;  // [quads]
@group(0) @binding(2) var<storage, read>       rstd:   array<f32>;    // [rows]
@group(0) @binding(3) var<storage, read>       dy:     array<vec4f>;  // [rows, quads]
@group(0) @binding(4) var<storage, read>       before: array<vec4f>;  // [rows, quads], unread unless BEFORE
@group(0) @binding(5) var<storage, read_write> dx:     array<vec4f>;  // [rows, quads]
@group(0) @binding(6) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let row = i / LANES;
  let lane = i % LANES;
  if (row >= params.rows) {
    return;
  }
  let start = row * params.quads;
  var products = vec4f();
  for (var j = 0u; j < params.quads; j++) {
    products += dy[start + j] * weight[j] * x[start + j];
  }
  let scale = rstd[row];
  let mean = ((products.x + products.y) + (products.z + products.w)) / f32(4u * params.quads);
  let pull = scale * scale * mean;
  for (var j = lane; j < params.quads; j += LANES) {
    var d = scale * (dy[start + j] * weight[j] - x[start + j] * pull);
    if (BEFORE == 1u) { d += before[start + j]; }
    dx[start + j] = d;
  }
}
