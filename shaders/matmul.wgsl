// y = scale · op(A) · op(B) (+ moreA · op(moreB)) (+ bias) (+ residual), f32, one fixed order of every sum: k = 0, 1, 2 …
// A is [rows, depth] or stored transposed [depth, rows]; B is [depth, columns] or stored transposed [columns, depth].
// One workgroup of WIDTH · HEIGHT threads makes a tile of HEIGHT·ROWS x WIDTH·COLUMNS outputs. Per DEPTH steps of k both
// operands are staged in workgroup memory, k-major; each thread keeps ROWS x COLUMNS sums in registers.
// Workgroup z sums the k from z·split on and writes the z-th [rows, columns] of y: with split = depth there is one.
// Constants: WIDTH, HEIGHT, ROWS, COLUMNS, DEPTH; TRANSPOSE_A, TRANSPOSE_B, EXTRA, BIAS, RESIDUAL are 0 or 1.
alias Stored = f32;
struct Params { rows: u32, columns: u32, depth: u32, split: u32, extra: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<Stored>;
@group(0) @binding(2) var<storage, read> moreA: array<f32>;     // [rows, extra], unread unless EXTRA
@group(0) @binding(3) var<storage, read> moreB: array<f32>;     // [extra, columns] or transposed as B, unread unless EXTRA
@group(0) @binding(4) var<storage, read> bias: array<f32>;      // [columns], unread unless BIAS
@group(0) @binding(5) var<storage, read> residual: array<f32>;  // [rows, columns], unread unless RESIDUAL
@group(0) @binding(6) var<storage, read_write> y: array<f32>;   // [splits, rows, columns]
@group(0) @binding(7) var<uniform> params: Params;

const THREADS = WIDTH * HEIGHT;
const TILE_ROWS = HEIGHT * ROWS;
const TILE_COLUMNS = WIDTH * COLUMNS;
// One more than the tile: threads that store along k then fall on different memory banks.
const STRIDE_A = TILE_ROWS + 1u;
const STRIDE_B = TILE_COLUMNS + 1u;

var<workgroup> tileA: array<f32, DEPTH * STRIDE_A>;
var<workgroup> tileB: array<f32, DEPTH * STRIDE_B>;

fn readB(i: u32) -> f32 { return b[i]; }

fn placeB(k: u32, column: u32, depth: u32) -> u32 {
  return select(k * params.columns + column, column * depth + k, TRANSPOSE_B == 1u);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let column0 = group.x * TILE_COLUMNS;
  let row0 = group.y * TILE_ROWS;
  let x = thread % WIDTH;
  let y0 = thread / WIDTH * ROWS;
  var sums: array<f32, ROWS * COLUMNS>;

  // @unroll: first the sums over A and B, then those over moreA and moreB
  for (var phase = 0u; phase < 1u + EXTRA; phase++) {
    let depth = select(params.depth, params.extra, phase == 1u);
    let begin = select(group.z * params.split, 0u, phase == 1u);
    let end = select(min(begin + params.split, depth), depth, phase == 1u);
    let along = TRANSPOSE_A == 1u && phase == 0u;  // A lies along its rows
    for (var k0 = begin; k0 < end; k0 += DEPTH) {
      // Neighbouring threads read neighbouring elements of memory, whichever way the operand lies.
      for (var i = thread; i < DEPTH * TILE_ROWS; i += THREADS) {
        let k = select(i % DEPTH, i / TILE_ROWS, along);
        let row = select(i / DEPTH, i % TILE_ROWS, along);
        let at = select((row0 + row) * depth + k0 + k, (k0 + k) * params.rows + row0 + row, along);
        var value = 0.0;
        if (row0 + row < params.rows && k0 + k < end) {
          if (phase == 1u) { value = moreA[at]; } else { value = a[at]; }
        }
        tileA[k * STRIDE_A + row] = value;
      }
      for (var i = thread; i < DEPTH * TILE_COLUMNS; i += THREADS) {
        let k = select(i / TILE_COLUMNS, i % DEPTH, TRANSPOSE_B == 1u);
        let column = select(i % TILE_COLUMNS, i / DEPTH, TRANSPOSE_B == 1u);
        let at = placeB(k0 + k, column0 + column, depth);
        var value = 0.0;
        if (column0 + column < params.columns && k0 + k < end) {
          if (phase == 1u) { value = moreB[at]; } else { value = readB(at); }
        }
        tileB[k * STRIDE_B + column] = value;
      }
      workgroupBarrier();
      for (var k = 0u; k < DEPTH; k++) {
        var left: array<f32, ROWS>;
        // @unroll
        for (var r = 0u; r < ROWS; r++) { left[r] = tileA[k * STRIDE_A + y0 + r]; }
        // @unroll
        for (var c = 0u; c < COLUMNS; c++) {
          let right = tileB[k * STRIDE_B + x + c * WIDTH];
          // @unroll
          for (var r = 0u; r < ROWS; r++) { sums[r * COLUMNS + c] = fma(left[r], right, sums[r * COLUMNS + c]); }
        }
      }
      workgroupBarrier();
    }
    if (phase == 0u) {
      // @unroll
      for (var i = 0u; i < ROWS * COLUMNS; i++) { sums[i] *= params.scale; }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    // @unroll
    for (var c = 0u; c < COLUMNS; c++) {
      let row = row0 + y0 + r;
      let column = column0 + x + c * WIDTH;
      if (row < params.rows && column < params.columns) {
        var sum = sums[r * COLUMNS + c];
        if (BIAS == 1u) { sum += bias[column]; }
        if (RESIDUAL == 1u) { sum += residual[row * params.columns + column]; }
        y[(group.z * params.rows + row) * params.columns + column] = sum;
      }
    }
  }
}
