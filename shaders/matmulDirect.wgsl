// y = op(A) · op(B) (+ bias) (+ residual), f32, from registers alone: no workgroup memory. For adapters whose caches do
// the sharing, the software one among them, where a load costs ten multiplications whatever its pattern.
// Every output adds its products in the order k = 0, 1, 2 … A is [rows, depth], or stored transposed [depth, rows]; B is
// [depth, columns], or stored transposed [columns, depth]. Both are read four elements at a time along the way they lie:
// that dimension, and columns, must be multiples of 4. One thread makes 4·ROWS x 4·COLUMNS outputs.
// Constants: WIDTH, HEIGHT (threads), ROWS, COLUMNS (in fours); TRANSPOSE_A, TRANSPOSE_B, BIAS, RESIDUAL are 0 or 1.
struct Params { rows: u32, columns: u32, depth: u32 }
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;      // [columns], unread unless BIAS
@group(0) @binding(3) var<storage, read> residual: array<vec4f>;  // [rows, columns], unread unless RESIDUAL
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;   // [rows, columns]
@group(0) @binding(5) var<uniform> params: Params;

// Where four consecutive lines of a matrix begin; lines past its edge repeat the last, and end in no output.
fn lines(first: u32, count: u32, length: u32) -> vec4u {
  return min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(count - 1u)) * (length / 4u);
}

// Four rows of a transposed A from `row` on, at k … k + 3: block[i] is row i. Past the last k they are 0.
fn loadA(row: u32, k: u32) -> mat4x4f {
  if (TRANSPOSE_A == 0u) { return mat4x4f(); }
  let at = lines(k, params.depth, params.rows) + row / 4u;
  let inside = vec4u(k, k + 1u, k + 2u, k + 3u) < vec4u(params.depth);
  return transpose(mat4x4f(
    select(vec4f(), a[at.x], inside.x),
    select(vec4f(), a[at.y], inside.y),
    select(vec4f(), a[at.z], inside.z),
    select(vec4f(), a[at.w], inside.w),
  ));
}

// Four columns of B from `column` on: right[q] are they at k + q.
fn loadB(start: vec4u, column: u32, k: u32) -> mat4x4f {
  if (TRANSPOSE_B == 1u) {
    let at = start + k / 4u;
    return transpose(mat4x4f(b[at.x], b[at.y], b[at.z], b[at.w]));
  }
  let at = lines(k, params.depth, params.columns) + column / 4u;
  return mat4x4f(b[at.x], b[at.y], b[at.z], b[at.w]);
}

@compute @workgroup_size(WIDTH, HEIGHT)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let row0 = thread.y * 4u * ROWS;
  let column0 = thread.x * 4u * COLUMNS;
  var sums: array<vec4f, 4 * ROWS * COLUMNS>;
  var startA: array<vec4u, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) { startA[r] = lines(row0 + r * 4u, params.rows, params.depth); }
  var startB: array<vec4u, COLUMNS>;
  // @unroll
  for (var c = 0u; c < COLUMNS; c++) { startB[c] = lines(column0 + c * 4u, params.columns, params.depth); }

  for (var k = 0u; k < params.depth; k += 4u) {
    var right: array<mat4x4f, COLUMNS>;
    // @unroll
    for (var c = 0u; c < COLUMNS; c++) { right[c] = loadB(startB[c], column0 + c * 4u, k); }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let block = loadA(row0 + r * 4u, k);
      // @unroll
      for (var i = 0u; i < 4u; i++) {
        var left: vec4f;  // one row of A at k … k + 3, read just before its use: it need not be kept
        if (TRANSPOSE_A == 1u) { left = block[i]; } else { left = a[startA[r][i] + k / 4u]; }
        // @unroll
        for (var c = 0u; c < COLUMNS; c++) {
          let s = fma(vec4f(left.x), right[c][0], sums[(r * 4u + i) * COLUMNS + c]);
          let t = fma(vec4f(left.y), right[c][1], s);
          let u = fma(vec4f(left.z), right[c][2], t);
          sums[(r * 4u + i) * COLUMNS + c] = fma(vec4f(left.w), right[c][3], u);
        }
      }
    }
  }

  // @unroll
  for (var r = 0u; r < 4u * ROWS; r++) {
    // @unroll
    for (var c = 0u; c < COLUMNS; c++) {
      let row = row0 + r;
      let column = column0 / 4u + c;
      if (row < params.rows && column < params.columns / 4u) {
        var sum = sums[r * COLUMNS + c];
        if (BIAS == 1u) { sum += bias[column]; }
        if (RESIDUAL == 1u) { sum += residual[row * (params.columns / 4u) + column]; }
        y[row * (params.columns / 4u) + column] = sum;
      }
    }
  }
}
