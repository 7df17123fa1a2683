// Adds the rows of a matrix, in their order, to what is there: parts of a longer sum, or a bias's gradient.
//   into[c] += Σ x[r, c]
// One invocation per column of Elem: for few rows.
alias Elem = vec4f;
struct Params { rows: u32, size: u32 }  // size in Elem
@group(0) @binding(0) var<storage, read>       x:      array<Elem>;  // [rows, size]
@group(0) @binding(1) var<storage, read_write> into:   array<Elem>;  // [size]
@group(0) @binding(2) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.size) {
    return;
  }
  var sum = Elem();
  for (var row = 0u; row < params.rows; row++) {
    sum += x[row * params.size + i];
  }
  into[i] = into[i] + sum;
}
