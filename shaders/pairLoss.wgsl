// Bradley and Terry's loss of pairs of scores with a margin, and a term that keeps scores around zero (TRL's RewardTrainer).
//   d = c − r − margin    loss = log(1 + e^−d) + centering · (c + r)²
//   gradient of c = weight · (−σ(−d) + 2 · centering · (c + r)), of r = weight · (σ(−d) + 2 · centering · (c + r))
//   totals += Σ weight · [loss, hit, c − r, ½ (c + r)], hit = 1 where c > r, ½ where c = r
// By e^−|d| alone, so nothing overflows. One workgroup: lane l takes the pairs l, l + LANES …; then the first lane adds the
// lanes in their order.
struct Params { pairs: u32, centering: f32 }
@group(0) @binding(0) var<storage, read>       scores:   array<f32>;    // [2·pairs]: chosen, then rejected
@group(0) @binding(1) var<storage, read>       margins:  array<f32>;    // [pairs]
@group(0) @binding(2) var<storage, read>       weights:  array<f32>;    // [pairs]; 0 = no pair
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;    // [2·pairs]
@group(0) @binding(4) var<storage, read_write> totals:   array<vec4f>;  // [1]
@group(0) @binding(5) var<uniform>             params:   Params;

const LANES = 64u;
var<workgroup> sums: array<vec4f, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = vec4f();
  for (var i = lane; i < params.pairs; i += LANES) {
    let c = scores[i];
    let r = scores[params.pairs + i];
    let d = c - r - margins[i];
    let e = exp(-abs(d));
    let centre = c + r;
    let loss = max(-d, 0.0) + log(1.0 + e) + params.centering * centre * centre;
    let slope = select(1.0, e, d > 0.0) / (1.0 + e);  // σ(−d)
    let pull = 2.0 * params.centering * centre;
    let hit = select(select(0.0, 0.5, c == r), 1.0, c > r);
    gradient[i] = weights[i] * (pull - slope);
    gradient[params.pairs + i] = weights[i] * (pull + slope);
    sum += weights[i] * vec4f(loss, hit, c - r, 0.5 * centre);
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    for (var other = 1u; other < LANES; other++) { sum += sums[other]; }
    totals[0] += sum;
  }
}
