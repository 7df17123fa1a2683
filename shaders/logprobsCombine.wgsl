// Joins the parts of logprobs.wgsl in one fixed order. One workgroup per row.
//   lse = M + log Σ s e^(m−M);   logprob = x(target) − lse;   entropy = log S − T / S  with S, T over all parts at M
// @common
struct Params { rows: u32, parts: u32 }
@group(0) @binding(0) var<storage, read>       partial:  array<vec4f>; // [rows, parts]: m, s, t, target's x or 0
@group(0) @binding(1) var<storage, read_write> logprobs: array<f32>;   // [rows]
@group(0) @binding(2) var<storage, read_write> lse:      array<f32>;   // [rows]
@group(0) @binding(3) var<storage, read_write> entropy:  array<f32>;   // [rows]
@group(0) @binding(4) var<uniform>             params:   Params;

const LANES = 32u;
var<workgroup> shared4: array<vec4f, LANES>;

fn join(a: vec4f, b: vec4f) -> vec4f {
  let top = max(a.x, b.x);
  let down = vec2f(a.x, b.x) - top;
  let scale = exp(down);
  return vec4f(top, dot(vec2f(a.y, b.y), scale), dot(vec2f(a.z, b.z) + vec2f(a.y, b.y) * down, scale), a.w + b.w);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.y * groups.x + group.x;
  var mine = vec4f(NEGATIVE, 0.0, 0.0, 0.0);
  if (row < params.rows) {
    for (var i = lane; i < params.parts; i += LANES) { mine = join(mine, partial[row * params.parts + i]); }
  }
  shared4[lane] = mine;
  workgroupBarrier();
  if (lane == 0u && row < params.rows) {
    for (var i = 1u; i < LANES; i++) { mine = join(mine, shared4[i]); }
    logprobs[row] = mine.w - mine.x - log(mine.y);
    lse[row] = mine.x + log(mine.y);
    entropy[row] = log(mine.y) - mine.z / mine.y;
  }
}
