// Joins the parts of crossEntropy.wgsl in one order and turns logits into their gradient, in place.
//   lse = M + log Σ s e^(m−M)    loss = lse − x[target]    hit = 1 where the likeliest column is the target
//   dx = (e^(x−lse) − onehot(target)) · weight, unless GRADIENT is 0
// A row of weight 0 is padding: loss, hit and gradient are 0. LANES invocations share a row, each joins all PARTIALS.
// LANES, PARTIALS, GRADIENT are prepended; WIDTH, too: 4, or 1 where Elem is one number.
// @common
alias Elem = vec4f;
fn parts() -> Elem { return Elem(0.0, 1.0, 2.0, 3.0); }
struct Params { rows: u32, width: u32, first: u32 }  // width = V in Elem; first: the row of the row vectors to start at
@group(0) @binding(0) var<storage, read>       partial: array<vec4f>;  // [rows, PARTIALS]: m, s, best, aim
@group(0) @binding(1) var<storage, read>       targets: array<u32>;    // [first + rows or more]
@group(0) @binding(2) var<storage, read>       weights: array<f32>;    // [first + rows or more]
@group(0) @binding(3) var<storage, read_write> logits:  array<Elem>;   // [rows, width], then their gradient
@group(0) @binding(4) var<storage, read_write> losses:  array<f32>;    // [first + rows or more]
@group(0) @binding(5) var<storage, read_write> hits:    array<f32>;    // [first + rows or more]
@group(0) @binding(6) var<uniform>             params:  Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let row = i / LANES;
  let lane = i % LANES;
  if (row >= params.rows) {
    return;
  }
  var all = vec4f(NEGATIVE, 0.0, 0.0, 0.0);
  for (var p = row * PARTIALS; p < (row + 1u) * PARTIALS; p++) {
    let part = partial[p];
    let top = max(all.x, part.x);
    let sum = all.y * exp(all.x - top) + part.y * exp(part.x - top);
    let tied = select(all.z, min(all.z, part.z), part.x == all.x);
    all = vec4f(top, sum, select(tied, part.z, part.x > all.x), all.w + part.w);
  }
  let lse = all.x + log(all.y);
  let goal = targets[params.first + row];
  let weight = weights[params.first + row];
  if (lane == 0u) {
    losses[params.first + row] = select(0.0, lse - all.w, weight != 0.0);
    hits[params.first + row] = select(0.0, 1.0, weight != 0.0 && all.z == f32(goal));
  }
  if (GRADIENT == 1u) {
    let start = row * params.width;
    for (var j = lane; j < params.width; j += LANES) {
      logits[start + j] = exp(logits[start + j] - lse) * weight;
    }
    let j = goal / WIDTH;
    if (j < params.width && j % LANES == lane) {
      logits[start + j] -= select(Elem(), Elem(weight), Elem(f32(j * WIDTH)) + parts() == Elem(f32(goal)));
    }
  }
}
