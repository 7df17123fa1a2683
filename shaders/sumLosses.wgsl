// A step's figures, added to what other microbatches left.
//   totals += [Σ weight · loss, hits where weight > 0, rows with weight > 0, 0]
// One workgroup: lane l adds the rows l, l + LANES …, then the first lane adds the lanes in their order.
struct Params { rows: u32 }
@group(0) @binding(0) var<storage, read>       losses:  array<f32>;    // [rows]
@group(0) @binding(1) var<storage, read>       hits:    array<f32>;    // [rows]
@group(0) @binding(2) var<storage, read>       weights: array<f32>;    // [rows]
@group(0) @binding(3) var<storage, read_write> totals:  array<vec4f>;  // [1]
@group(0) @binding(4) var<uniform>             params:  Params;

const LANES = 64u;
var<workgroup> sums: array<vec4f, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = vec4f();
  for (var row = lane; row < params.rows; row += LANES) {
    let weight = weights[row];
    let counts = select(0.0, 1.0, weight > 0.0);
    sum += vec4f(weight * losses[row], counts * hits[row], counts, 0.0);
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    for (var other = 1u; other < LANES; other++) { sum += sums[other]; }
    totals[0] += sum;
  }
}
