// y = scale · A · Bᵀ (+ moreA · moreBᵀ) (+ bias) (+ residual), f32, for the few rows of a decoding step: A [ROWS, depth],
// B [columns, depth] is read once, four elements at a time along k, so depth (and extra) must be a multiple of 4.
// LANES threads share a sum: thread l adds k in fours l, l + LANES, l + 2·LANES … in order; then the LANES partial sums are
// added in the order of l. With LANES = 1 that is the order of the other kernels. One thread works on COLUMNS columns.
// Constants: THREADS, ROWS, COLUMNS, LANES (divides THREADS); EXTRA, BIAS, RESIDUAL are 0 or 1.
alias Stored = vec4f;
struct Params { columns: u32, depth: u32, extra: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<Stored>;
@group(0) @binding(2) var<storage, read> moreA: array<vec4f>;   // [ROWS, extra], unread unless EXTRA
@group(0) @binding(3) var<storage, read> moreB: array<vec4f>;   // [columns, extra], unread unless EXTRA
@group(0) @binding(4) var<storage, read> bias: array<f32>;      // [columns], unread unless BIAS
@group(0) @binding(5) var<storage, read> residual: array<f32>;  // [ROWS, columns], unread unless RESIDUAL
@group(0) @binding(6) var<storage, read_write> y: array<f32>;   // [ROWS, columns]
@group(0) @binding(7) var<uniform> params: Params;

const TEAMS = THREADS / LANES;
const TILE = TEAMS * COLUMNS;
var<workgroup> partial: array<f32, ROWS * COLUMNS * THREADS>;  // [ROWS, COLUMNS, TEAMS, LANES]

fn readB(i: u32) -> vec4f { return b[i]; }

fn finish(row: u32, column: u32, products: f32) {
  if (column < params.columns) {
    var sum = products;
    if (BIAS == 1u) { sum += bias[column]; }
    if (RESIDUAL == 1u) { sum += residual[row * params.columns + column]; }
    y[row * params.columns + column] = sum;
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let column0 = group.x * TILE;
  var sums: array<f32, ROWS * COLUMNS>;
  // @unroll: first the sums over A and B, then those over moreA and moreB
  for (var phase = 0u; phase < 1u + EXTRA; phase++) {
    let fours = select(params.depth, params.extra, phase == 1u) / 4u;
    var start: array<u32, COLUMNS> = array<u32, COLUMNS>();
    // @unroll
    for (var c = 0u; c < COLUMNS; c++) {
      start[c] = min(column0 + c * TEAMS + thread / LANES, params.columns - 1u) * fours;
    }
    for (var k = thread % LANES; k < fours; k += LANES) {
      var right: array<vec4f, COLUMNS>;
      // @unroll
      for (var c = 0u; c < COLUMNS; c++) {
        if (phase == 1u) { right[c] = moreB[start[c] + k]; } else { right[c] = readB(start[c] + k); }
      }
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        var left: vec4f;
        if (phase == 1u) { left = moreA[r * fours + k]; } else { left = a[r * fours + k]; }
        // @unroll
        for (var c = 0u; c < COLUMNS; c++) {
          let s = fma(left.y, right[c].y, fma(left.x, right[c].x, sums[r * COLUMNS + c]));
          sums[r * COLUMNS + c] = fma(left.w, right[c].w, fma(left.z, right[c].z, s));
        }
      }
    }
    if (phase == 0u) {
      // @unroll
      for (var i = 0u; i < ROWS * COLUMNS; i++) { sums[i] *= params.scale; }
    }
  }
  if (LANES == 1u) {
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      // @unroll
      for (var c = 0u; c < COLUMNS; c++) { finish(r, column0 + c * TEAMS + thread, sums[r * COLUMNS + c]); }
    }
    return;
  }
  // @unroll
  for (var i = 0u; i < ROWS * COLUMNS; i++) { partial[i * THREADS + thread] = sums[i]; }
  workgroupBarrier();
  for (var i = thread; i < ROWS * TILE; i += THREADS) {  // neighbouring threads write neighbouring columns
    var sum = 0.0;
    for (var l = 0u; l < LANES; l++) { sum += partial[i * LANES + l]; }
    finish(i / TILE, column0 + i % TILE, sum);
  }
}
