// Gradient of RMSNorm for its weight, in parts of `block` rows each that sumRows.wgsl joins.
//   partial[b] = Σ dy · x · rstd over the rows of block b, in their order
// One invocation per block and four columns.
struct Params { rows: u32, quads: u32, block: u32 }  // quads = dim / 4
@group(0) @binding(0) var<storage, read>       x:       array<vec4f>;  // [rows, quads]
@group(0) @binding(1) var<storage, read>       rstd:    array<f32>;    // [rows]
@group(0) @binding(2) var<storage, read>       dy:      array<vec4f>;  // [rows, quads]
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>;  // [ceil(rows / block), quads]
@group(0) @binding(4) var<uniform>             params:  Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let first = i / params.quads * params.block;
  if (first >= params.rows) {
    return;
  }
  var sum = vec4f();
  for (var row = first; row < min(first + params.block, params.rows); row++) {
    let at = row * params.quads + i % params.quads;
    sum += dy[at] * x[at] * rstd[row];
  }
  partial[i] = sum;
}
