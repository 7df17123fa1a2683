// Log-sum-exp, likeliest column and target's logit of each row of stored logits, in LANES parts a row without barriers:
// part l takes the Elems l, l + LANES, l + 2·LANES … crossEntropyGradient.wgsl joins the parts.
//   m = max x    s = Σ e^(x−m)    best = the lowest column that holds m    aim = the target's x if the part has it, else 0
// LANES is prepended; WIDTH, too: 4, or 1 where Elem is one number.
// @common
alias Elem = vec4f;
fn parts() -> Elem { return Elem(0.0, 1.0, 2.0, 3.0); }
struct Params { rows: u32, width: u32, first: u32 }  // width = V in Elem; first: the row of `targets` to start at
@group(0) @binding(0) var<storage, read>       logits:  array<Elem>;   // [rows, width]
@group(0) @binding(1) var<storage, read>       targets: array<u32>;    // [first + rows or more]
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;  // [rows, LANES]: m, s, best, aim
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
  var at = Elem();  // the column that holds m: whole numbers below 2²⁴ are exact
  for (var first = lane; first < params.width; first += 4u * LANES) {
    var x = array<Elem, 4>();
    var top = m;
    // @unroll
    for (var c = 0u; c < 4u; c++) {
      let j = first + c * LANES;
      x[c] = select(Elem(NEGATIVE), logits[start + min(j, params.width - 1u)], j < params.width);
      at = select(at, Elem(f32(j * WIDTH)) + parts(), x[c] > top);
      top = max(top, x[c]);
    }
    s = s * exp(m - top) + ((exp(x[0] - top) + exp(x[1] - top)) + (exp(x[2] - top) + exp(x[3] - top)));
    m = top;
  }
  // From here on four numbers: a single one stands in all of them.
  let tops = vec4f(m);
  let top = max(max(tops.x, tops.y), max(tops.z, tops.w));
  let sums = vec4f(s * exp(m - Elem(top)));
  let sum = ((sums.x + sums.y) + (sums.z + sums.w)) * (0.25 * f32(WIDTH));
  let columns = select(vec4f(-NEGATIVE), vec4f(at), tops == vec4f(top));
  let best = min(min(columns.x, columns.y), min(columns.z, columns.w));
  var aim = 0.0;
  let goal = targets[params.first + row];
  if (goal / WIDTH < params.width && goal / WIDTH % LANES == lane) {
    let x = vec4f(logits[start + goal / WIDTH]);
    aim = x[goal % WIDTH];
  }
  partial[i] = vec4f(top, sum, best, aim);
}
