// C = A · B (+ bias) (+ residual), f32, one fixed order over k for every output: k = 0, 1, 2 …
// A is [rows, depth] or stored transposed [depth, rows]; B is [depth, columns] or stored transposed [columns, depth].
// One workgroup of WIDTH · HEIGHT threads makes a tile of HEIGHT·ROWS x WIDTH·COLUMNS outputs. Per DEPTH steps of k both
// operands are staged in workgroup memory, k-major; each thread keeps ROWS x COLUMNS sums in registers.
// Constants: WIDTH, HEIGHT, ROWS, COLUMNS, DEPTH; TRANSPOSE_A, TRANSPOSE_B, BIAS, RESIDUAL are 0 or 1.
struct Params { rows: u32, columns: u32, depth: u32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;      // [columns], unread unless BIAS
@group(0) @binding(3) var<storage, read> residual: array<f32>;  // [rows, columns], unread unless RESIDUAL
@group(0) @binding(4) var<storage, read_write> y: array<f32>;   // [rows, columns]
@group(0) @binding(5) var<uniform> params: Params;

const THREADS = WIDTH * HEIGHT;
const TILE_ROWS = HEIGHT * ROWS;
const TILE_COLUMNS = WIDTH * COLUMNS;
// One more than the tile: threads that store along k then fall on different memory banks.
const STRIDE_A = TILE_ROWS + 1u;
const STRIDE_B = TILE_COLUMNS + 1u;

var<workgroup> tileA: array<f32, DEPTH * STRIDE_A>;
var<workgroup> tileB: array<f32, DEPTH * STRIDE_B>;

fn loadA(row: u32, k: u32) -> f32 {
  if (row >= params.rows || k >= params.depth) { return 0.0; }
  return a[select(row * params.depth + k, k * params.rows + row, TRANSPOSE_A == 1u)];
}

fn loadB(k: u32, column: u32) -> f32 {
  if (column >= params.columns || k >= params.depth) { return 0.0; }
  return b[select(k * params.columns + column, column * params.depth + k, TRANSPOSE_B == 1u)];
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let column0 = group.x * TILE_COLUMNS;
  let row0 = group.y * TILE_ROWS;
  let x = thread % WIDTH;
  let y0 = thread / WIDTH * ROWS;
  var sums: array<f32, ROWS * COLUMNS>;

  for (var k0 = 0u; k0 < params.depth; k0 += DEPTH) {
    // Neighbouring threads read neighbouring elements of memory, whichever way the operand lies.
    for (var i = thread; i < DEPTH * TILE_ROWS; i += THREADS) {
      let k = select(i % DEPTH, i / TILE_ROWS, TRANSPOSE_A == 1u);
      let row = select(i / DEPTH, i % TILE_ROWS, TRANSPOSE_A == 1u);
      tileA[k * STRIDE_A + row] = loadA(row0 + row, k0 + k);
    }
    for (var i = thread; i < DEPTH * TILE_COLUMNS; i += THREADS) {
      let k = select(i / TILE_COLUMNS, i % DEPTH, TRANSPOSE_B == 1u);
      let column = select(i % TILE_COLUMNS, i / DEPTH, TRANSPOSE_B == 1u);
      tileB[k * STRIDE_B + column] = loadB(k0 + k, column0 + column);
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
        y[row * params.columns + column] = sum;
      }
    }
  }
}
