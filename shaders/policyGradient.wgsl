// PPO's policy loss of each row: joins the parts of policyLoss.wgsl in one order, turns logits into their gradient in place.
//   lse = M + log S    new = x[target] − lse    H = log S − T / S    Δ = new − old    r = e^(Δ cut at ±20)
//   loss = max(−A r, −A cut(r, 1 ± clip)) − entropy · H
//   dx = (g (onehot(target) − p) + entropy · p (log p + H)) · weight · inverse, unless GRADIENT is 0
//   g = −A r, and 0 where the cut one counts or Δ is beyond ±20
// A row of weight 0 is padding: figures and gradient are 0. LANES invocations share a row, each joins all PARTIALS.
// LANES, PARTIALS, GRADIENT are prepended; WIDTH, too: 4, or 1 where Elem is one number.
// @common
alias Elem = vec4f;
fn parts() -> Elem { return Elem(0.0, 1.0, 2.0, 3.0); }
struct Params { rows: u32, width: u32, first: u32, inverse: f32, clip: f32, entropy: f32 }  // as in policyLoss.wgsl
@group(0) @binding(0) var<storage, read>       partial: array<vec4f>;  // [rows, PARTIALS]: m, s, t, aim
@group(0) @binding(1) var<storage, read>       targets: array<u32>;    // [first + rows or more]
@group(0) @binding(2) var<storage, read>       rollout: array<vec4f>;  // [first + rows or more]: old, advantage, weight, 0
@group(0) @binding(3) var<storage, read_write> logits:  array<Elem>;   // [rows, width], then their gradient
// [first + rows or more, 2], each times the weight: loss, H, whether the cut one counts, r; ½Δ², |Δ|, 0, 0
@group(0) @binding(4) var<storage, read_write> figures: array<vec4f>;
@group(0) @binding(5) var<uniform>             params:  Params;

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
    let down = vec2f(all.x, part.x) - top;
    let share = exp(down);
    let sums = vec2f(all.y, part.y);
    all = vec4f(top, dot(sums, share), dot(vec2f(all.z, part.z) + sums * down, share), all.w + part.w);
  }
  let lse = all.x + log(all.y);
  let entropy = log(all.y) - all.z / all.y;
  let told = rollout[params.first + row];
  let counts = told.z != 0.0;
  let moved = all.w - lse - told.x;
  let ratio = exp(clamp(moved, -20.0, 20.0));
  let free = -told.y * ratio;
  let held = -told.y * clamp(ratio, 1.0 - params.clip, 1.0 + params.clip);
  let clipped = held > free;
  if (lane == 0u) {
    let at = 2u * (params.first + row);
    let first = vec4f(max(free, held) - params.entropy * entropy, entropy, select(0.0, 1.0, clipped), ratio);
    figures[at] = select(vec4f(), told.z * first, counts);
    figures[at + 1u] = select(vec4f(), told.z * vec4f(0.5 * moved * moved, abs(moved), 0.0, 0.0), counts);
  }
  if (GRADIENT == 1u) {
    let scale = select(0.0, told.z * params.inverse, counts);
    let pull = scale * select(free, 0.0, clipped || abs(moved) > 20.0);
    let spread = scale * params.entropy;
    let start = row * params.width;
    for (var j = lane; j < params.width; j += LANES) {
      let y = logits[start + j] * params.inverse - lse;
      logits[start + j] = exp(y) * (spread * (y + entropy) - pull);
    }
    let goal = targets[params.first + row];
    let j = goal / WIDTH;
    if (j < params.width && j % LANES == lane) {
      logits[start + j] += select(Elem(), Elem(pull), Elem(f32(j * WIDTH)) + parts() == Elem(f32(goal)));
    }
  }
}
