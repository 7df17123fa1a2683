// Rotary position embedding (Su et al. 2021), the two halves of a head rotated against each other as in Llama.
//   angle = (starts[b] + t) · frequency[i]     for i < half = headDim / 2
//   rotated[i] = x[i] · cos − x[i + half] · sin      rotated[i + half] = x[i + half] · cos + x[i] · sin
// One invocation per pair of q, then per pair of k.
// The sine and cosine are our own: WGSL promises its own only to 2^-11, and only between −π and π.
// @common
struct Params { batch: u32, time: u32, heads: u32, kvHeads: u32, half: u32 }
@group(0) @binding(0) var<storage, read>       q:           array<f32>;  // [batch · time, heads, 2 · half]
@group(0) @binding(1) var<storage, read>       k:           array<f32>;  // [batch · time, kvHeads, 2 · half]
@group(0) @binding(2) var<storage, read>       starts:      array<u32>;  // [batch]
@group(0) @binding(3) var<storage, read>       frequencies: array<f32>;  // [half], radians per position
@group(0) @binding(4) var<storage, read_write> rotatedQ:    array<f32>;  // as q
@group(0) @binding(5) var<storage, read_write> rotatedK:    array<f32>;  // as k
@group(0) @binding(6) var<uniform>             params:      Params;

// 2^32 / (2π) = 683565275 + 2475754826 / 2^32: a radian in units of 2^-32 turns.
const TURN_HIGH = 683565275u;
const TURN_LOW = 2475754826u;

// (cos, sin) of an angle ≥ 0 to about 2^-22. Whole radians become turns in integers, so nothing is lost far out.
fn cosSin(angle: f32) -> vec2f {
  let whole = floor(angle);
  let n = u32(whole);
  let turns = f32(bitcast<i32>(n * TURN_HIGH + mulHigh(n, TURN_LOW))) / 4294967296.0 + (angle - whole) * 0.15915494309;
  let quarter = round(turns * 4.0);
  let r = (turns - quarter * 0.25) * 6.28318530718;  // in [−π/4, π/4]
  let r2 = r * r;
  let sine = r + r * r2 * (-0.16666654611 + r2 * (0.00833216087 - r2 * 0.00019515295891));
  let cosine = 1.0 - 0.5 * r2 + r2 * r2 * (0.041666645683 + r2 * (-0.0013887316255 + r2 * 0.000024433157118));
  switch (u32(i32(quarter) & 3)) {
    case 0u: { return vec2f(cosine, sine); }
    case 1u: { return vec2f(-sine, cosine); }
    case 2u: { return vec2f(-cosine, -sine); }
    default: { return vec2f(sine, -cosine); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let pair = id.y * groups.x * 64u + id.x;
  let i = pair % params.half;
  let head = pair / params.half % (params.heads + params.kvHeads);
  let row = pair / params.half / (params.heads + params.kvHeads);
  let b = row / params.time;
  if (b >= params.batch) {
    return;
  }
  let turn = cosSin(f32(starts[b] + row % params.time) * frequencies[i]);
  if (head < params.heads) {
    let at = (row * params.heads + head) * 2u * params.half + i;
    let x = vec2f(q[at], q[at + params.half]);
    rotatedQ[at] = x.x * turn.x - x.y * turn.y;
    rotatedQ[at + params.half] = x.y * turn.x + x.x * turn.y;
  } else {
    let at = (row * params.kvHeads + head - params.heads) * 2u * params.half + i;
    let x = vec2f(k[at], k[at + params.half]);
    rotatedK[at] = x.x * turn.x - x.y * turn.y;
    rotatedK[at + params.half] = x.y * turn.x + x.x * turn.y;
  }
}
