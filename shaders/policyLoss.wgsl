// Log-sum-exp, entropy and target's logit of each row of stored logits, in LANES parts a row without barriers:
// part l takes the Elems l, l + LANES, l + 2·LANES … policyGradient.wgsl joins the parts.
//   x = logits · inverse    m = max x    s = Σ e^(x−m)    t = Σ (x−m) e^(x−m)    aim = the target's x if the part has it
// LANES is prepended; WIDTH, too: 4, or 1 where Elem is one number.
// @common
alias Elem = vec4f;
struct Params { rows: u32, width: u32, first: u32, inverse: f32 }  // width = V in Elem; first: where `targets` starts
@group(0) @binding(0) var<storage, read>       logits:  array<Elem>;   // [rows, width]
@group(0) @binding(1) var<storage, read>       targets: array<u32>;    // [first + rows or more]
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;  // [rows, LANES]: m, s, t, aim or 0
@group(0) @binding(3) var<uniform>             params:  Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let row = i / LANES;
  let lane = i % LANES;
  if (row >= params.rows) {
    return;
  }
  let start = row * params.width;
  var m = Elem(NEGATIVE);
  var s = Elem();
  var t = Elem();
  for (var first = lane; first < params.width; first += 4u * LANES) {
    var x = array<Elem, 4>();
    var top = m;
    // @unroll
    for (var c = 0u; c < 4u; c++) {
      let j = first + c * LANES;
      x[c] = select(Elem(NEGATIVE), logits[start + min(j, params.width - 1u)] * params.inverse, j < params.width);
      top = max(top, x[c]);
    }
    let scale = exp(m - top);
    t = (t + s * (m - top)) * scale;
    s *= scale;
    m = top;
    // @unroll
    for (var c = 0u; c < 4u; c++) {
      let e = exp(x[c] - top);
      s += e;
      t += (x[c] - top) * e;
    }
  }
  // From here on four numbers: a single one stands in all of them.
  let tops = vec4f(m);
  let top = max(max(tops.x, tops.y), max(tops.z, tops.w));
  let down = tops - top;
  let share = exp(down) * (0.25 * f32(WIDTH));
  let ones = vec4f(1.0);
  let sums = vec4f(s);
  let sum = dot(sums * share, ones);
  let tilt = dot((vec4f(t) + sums * down) * share, ones);
  var aim = 0.0;
  let goal = targets[params.first + row];
  if (goal / WIDTH < params.width && goal / WIDTH % LANES == lane) {
    let x = vec4f(logits[start + goal / WIDTH]);
    aim = x[goal % WIDTH] * params.inverse;
  }
  partial[i] = vec4f(top, sum, tilt, aim);
}
