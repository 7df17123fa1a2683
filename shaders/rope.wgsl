// Rotary position embedding (Su et al. 2021), the two halves of a head rotated against each other as in Llama.
//   angle = (starts[b] + t) · frequency[i]     for i < half = headDim / 2
//   rotated[i] = x[i] · cos − x[i + half] · sin      rotated[i + half] = x[i + half] · cos + x[i] · sin
// One invocation per two neighbouring pairs of q, then of k. direction −1 turns back, as gradients are.
// The sine and cosine are our own: WGSL promises its own only to 2^-11, and only between −π and π.
// @common
struct Params { batch: u32, time: u32, heads: u32, kvHeads: u32, width: u32, direction: f32 }  // width = half / 2
@group(0) @binding(0) var<storage, read>       q:           array<vec2f>;  // [batch · time, heads, 2 · width]
@group(0) @binding(1) var<storage, read>       k:           array<vec2f>;  // [batch · time, kvHeads, 2 · width]
@group(0) @binding(2) var<storage, read>       starts:      array<u32>;    // [batch]
@group(0) @binding(3) var<storage, read>       frequencies: array<vec2f>;  // [width], radians per position
@group(0) @binding(4) var<storage, read_write> rotatedQ:    array<vec2f>;  // as q
@group(0) @binding(5) var<storage, read_write> rotatedK:    array<vec2f>;  // as k
@group(0) @binding(6) var<uniform>             params:      Params;

// 2^32 / (2π) = 683565275 + 2475754826 / 2^32: a radian in units of 2^-32 turns.
const TURN_HIGH = 683565275u;
const TURN_LOW = 2475754826u;

struct Turn { cosine: vec2f, sine: vec2f }

// Of angles ≥ 0, to about 2^-22. Whole radians become turns in integers, so nothing is lost far out.
fn turnBy(angle: vec2f) -> Turn {
  let whole = floor(angle);
  let n = vec2u(whole);
  let carry = vec2u(mulHigh(n.x, TURN_LOW), mulHigh(n.y, TURN_LOW));
  let turns = vec2f(bitcast<vec2i>(n * TURN_HIGH + carry)) / 4294967296.0 + (angle - whole) * 0.15915494309;
  let quarter = round(turns * 4.0);
  let r = (turns - quarter * 0.25) * 6.28318530718;  // in [−π/4, π/4]
  let r2 = r * r;
  let sine = r + r * r2 * (-0.16666654611 + r2 * (0.00833216087 - r2 * 0.00019515295891));
  let cosine = 1.0 - 0.5 * r2 + r2 * r2 * (0.041666645683 + r2 * (-0.0013887316255 + r2 * 0.000024433157118));
  let quadrant = bitcast<vec2u>(vec2i(quarter)) & vec2u(3u);
  let odd = (quadrant & vec2u(1u)) == vec2u(1u);
  let cosineSign = select(vec2f(1.0), vec2f(-1.0), (quadrant - vec2u(1u)) < vec2u(2u));
  let sineSign = select(vec2f(1.0), vec2f(-1.0), quadrant >= vec2u(2u));
  return Turn(cosineSign * select(cosine, sine, odd), sineSign * select(sine, cosine, odd));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * 64u + id.x;
  let i = item % params.width;
  let head = item / params.width % (params.heads + params.kvHeads);
  let row = item / params.width / (params.heads + params.kvHeads);
  let b = row / params.time;
  if (b >= params.batch) {
    return;
  }
  let angle = turnBy(f32(starts[b] + row % params.time) * frequencies[i]);
  let turn = Turn(angle.cosine, angle.sine * params.direction);
  if (head < params.heads) {
    let at = (row * params.heads + head) * 2u * params.width + i;
    let low = q[at];
    let high = q[at + params.width];
    rotatedQ[at] = low * turn.cosine - high * turn.sine;
    rotatedQ[at + params.width] = high * turn.cosine + low * turn.sine;
  } else {
    let at = (row * params.kvHeads + head - params.heads) * 2u * params.width + i;
    let low = k[at];
    let high = k[at + params.width];
    rotatedK[at] = low * turn.cosine - high * turn.sine;
    rotatedK[at + params.width] = high * turn.cosine + low * turn.sine;
  }
}
