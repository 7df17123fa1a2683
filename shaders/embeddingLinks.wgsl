// Which positions hold the same id, so that their gradients can be added in one order without atomics.
//   link[n] = the next position with the id of n, or `rows` when none follows, with FIRST where none comes before
// One invocation per position.
struct Params { rows: u32 }
@group(0) @binding(0) var<storage, read>       ids:    array<u32>;  // [rows]
@group(0) @binding(1) var<storage, read_write> link:   array<u32>;  // [rows]
@group(0) @binding(2) var<uniform>             params: Params;

const FIRST = 0x80000000u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let n = id.y * groups.x * 64u + id.x;
  if (n >= params.rows) {
    return;
  }
  let mine = ids[n];
  var next = n + 1u;
  while (next < params.rows && ids[min(next, params.rows - 1u)] != mine) { next++; }
  var earlier = 0u;
  while (earlier < n && ids[earlier] != mine) { earlier++; }
  link[n] = next | select(0u, FIRST, earlier == n);
}
