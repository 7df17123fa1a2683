// Figures of rows, added to what other microbatches left, in one order.   totals[c] += Σ figures[r, c]
// One workgroup for each four of them: lane l adds the rows l, l + LANES …, then the first lane adds the lanes in their order.
struct Params { rows: u32, width: u32 }  // width: figures of a row, in fours
@group(0) @binding(0) var<storage, read>       figures: array<vec4f>;  // [rows, width]
@group(0) @binding(1) var<storage, read_write> totals:  array<vec4f>;  // [width]
@group(0) @binding(2) var<uniform>             params:  Params;

const LANES = 64u;
var<workgroup> sums: array<vec4f, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = vec4f();
  for (var row = lane; row < params.rows; row += LANES) {
    sum += figures[row * params.width + group.x];
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    for (var other = 1u; other < LANES; other++) { sum += sums[other]; }
    totals[group.x] += sum;
  }
}
