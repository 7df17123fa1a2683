// Rows of a table, picked by number: token embeddings, or the rows that reach the head.   y[r] = table[index[r]]
// One invocation per element. A number outside of the table gives zeros.
struct Params { rows: u32, dim: u32, tableRows: u32 }
@group(0) @binding(0) var<storage, read>       table:  array<f32>;  // [tableRows, dim]
@group(0) @binding(1) var<storage, read>       index:  array<u32>;  // [rows]
@group(0) @binding(2) var<storage, read_write> y:      array<f32>;  // [rows, dim]
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.rows * params.dim) {
    return;
  }
  let row = index[i / params.dim];
  var value = 0.0;
  if (row < params.tableRows) {
    value = table[row * params.dim + i % params.dim];
  }
  y[i] = value;
}
