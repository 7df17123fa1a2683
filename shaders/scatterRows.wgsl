// Adds rows to those of a table that are picked by number, each at most once.   into[index[first + r]] += x[r]
// One invocation per Elem. A number outside of the table is padding: its row goes nowhere.
alias Elem = vec4f;
struct Params { rows: u32, width: u32, tableRows: u32, first: u32 }  // width = D in Elem
@group(0) @binding(0) var<storage, read>       x:      array<Elem>;  // [rows, width]
@group(0) @binding(1) var<storage, read>       index:  array<u32>;   // [first + rows or more]
@group(0) @binding(2) var<storage, read_write> into:   array<Elem>;  // [tableRows, width]
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.rows * params.width) {
    return;
  }
  let row = index[params.first + i / params.width];
  if (row < params.tableRows) {
    into[row * params.width + i % params.width] += x[i];
  }
}
