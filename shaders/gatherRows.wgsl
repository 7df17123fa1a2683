// Rows of a table, picked by number: token embeddings, or the rows that reach the head.   y[r] = table[index[first + r]]
// One invocation per Elem. A number outside of the table gives zeros.
alias Elem = vec4f;
alias Stored = vec4f;
struct Params { rows: u32, width: u32, tableRows: u32, first: u32 }  // width = D in Elem
@group(0) @binding(0) var<storage, read>       table:  array<Stored>;  // [tableRows, width]
@group(0) @binding(1) var<storage, read>       index:  array<u32>;     // [first + rows or more]
@group(0) @binding(2) var<storage, read_write> y:      array<Elem>;    // [rows, width]
@group(0) @binding(3) var<uniform>             params: Params;

fn readTable(i: u32) -> vec4f { return table[i]; }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.rows * params.width) {
    return;
  }
  let row = index[params.first + i / params.width];
  var value = Elem();
  if (row < params.tableRows) {
    value = readTable(row * params.width + i % params.width);
  }
  y[i] = value;
}
