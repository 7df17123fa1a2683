// Gradient of the embedding table: every id adds the gradients of its positions in their order.   into[id] += Σ dy[n]
// One invocation per position and Elem; the first position of an id walks along the links of the others.
alias Elem = vec4f;
struct Params { rows: u32, width: u32, tableRows: u32 }  // width = D in Elem
@group(0) @binding(0) var<storage, read>       dy:     array<Elem>;  // [rows, width]
@group(0) @binding(1) var<storage, read>       ids:    array<u32>;   // [rows]
@group(0) @binding(2) var<storage, read>       link:   array<u32>;   // [rows], of embeddingLinks.wgsl
@group(0) @binding(3) var<storage, read_write> into:   array<Elem>;  // [tableRows, width]
@group(0) @binding(4) var<uniform>             params: Params;

const FIRST = 0x80000000u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.rows * params.width) {
    return;
  }
  var n = i / params.width;
  let row = ids[n];
  if ((link[n] & FIRST) == 0u || row >= params.tableRows) {
    return;
  }
  var sum = Elem();
  while (n < params.rows) {
    sum += dy[n * params.width + i % params.width];
    n = link[n] & ~FIRST;
  }
  into[row * params.width + i % params.width] += sum;
}
