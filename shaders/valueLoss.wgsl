// PPO's value loss of each row and its gradient.
//   held = cut(v, old ± clip)    loss = ½ max((v − R)², (held − R)²) · coef
//   dv = (v − R) · coef · weight, and 0 where the cut one counts
// A row of weight 0 is padding: figures and gradient are 0.
struct Params { rows: u32, clip: f32, coef: f32 }
@group(0) @binding(0) var<storage, read>       values:  array<f32>;    // [rows]
@group(0) @binding(1) var<storage, read>       rollout: array<vec4f>;  // [rows]: old, return, weight, 0
@group(0) @binding(2) var<storage, read_write> dvalues: array<f32>;    // [rows]
@group(0) @binding(3) var<storage, read_write> figures: array<vec4f>;  // [rows], times the weight: loss, cut or not, 0, 0
@group(0) @binding(4) var<uniform>             params:  Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = id.y * groups.x * 64u + id.x;
  if (row >= params.rows) {
    return;
  }
  let told = rollout[row];
  let value = values[row];
  let free = value - told.y;
  let held = clamp(value, told.x - params.clip, told.x + params.clip) - told.y;
  let clipped = held * held > free * free;
  let counts = told.z != 0.0;
  let loss = 0.5 * params.coef * max(free * free, held * held);
  figures[row] = select(vec4f(), told.z * vec4f(loss, select(0.0, 1.0, clipped), 0.0, 0.0), counts);
  dvalues[row] = select(0.0, params.coef * told.z * free, counts && !clipped);
}
