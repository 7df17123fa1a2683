// y = scale · op(A) · op(B) (+ moreA · op(moreB)) (+ bias) (+ residual), f32, from registers alone: no workgroup memory.
// For adapters whose caches do the sharing, the software one among them, where a load costs ten multiplications whatever
// its pattern. Every output adds its products in the order k = 0, 1, 2 … A is [rows, depth], or stored transposed
// [depth, rows]; B is [depth, columns], or stored transposed [columns, depth]. All are read four elements at a time along
// the way they lie: that dimension, and columns, must be multiples of 4. One thread makes 4·ROWS x 4·COLUMNS outputs.
// Layer z of threads sums the k from z·split on and writes the z-th [rows, columns] of y: with split = depth there is one.
// Constants: WIDTH, HEIGHT (threads), ROWS, COLUMNS (in fours); TRANSPOSE_A, TRANSPOSE_B, EXTRA, BIAS, RESIDUAL are 0 or 1.
alias Stored = vec4f;
struct Params { rows: u32, columns: u32, depth: u32, split: u32, extra: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<Stored>;
@group(0) @binding(2) var<storage, read> moreA: array<vec4f>;     // [rows, extra], unread unless EXTRA
@group(0) @binding(3) var<storage, read> moreB: array<vec4f>;     // [extra, columns] or transposed as B, unread unless EXTRA
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;      // [columns], unread unless BIAS
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;  // [rows, columns], unread unless RESIDUAL
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;   // [splits, rows, columns]
@group(0) @binding(7) var<uniform> params: Params;

fn readB(i: u32) -> vec4f { return b[i]; }

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

// Where four columns of B from `column` on lie at k … k + 3, a vec4f each.
fn placeB(start: vec4u, column: u32, k: u32, depth: u32) -> vec4u {
  if (TRANSPOSE_B == 1u) { return start + k / 4u; }
  return lines(k, depth, params.columns) + column / 4u;
}

// What lies there, as the columns at k, k + 1, k + 2, k + 3.
fn turned(block: mat4x4f) -> mat4x4f {
  if (TRANSPOSE_B == 1u) { return transpose(block); }
  return block;
}

@compute @workgroup_size(WIDTH, HEIGHT)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let row0 = thread.y * 4u * ROWS;
  let column0 = thread.x * 4u * COLUMNS;
  var sums: array<vec4f, 4 * ROWS * COLUMNS>;

  // @unroll: first the sums over A and B, then those over moreA and moreB
  for (var phase = 0u; phase < 1u + EXTRA; phase++) {
    let depth = select(params.depth, params.extra, phase == 1u);
    let begin = select(thread.z * params.split, 0u, phase == 1u);
    let end = select(min(begin + params.split, depth), depth, phase == 1u);
    var startA: array<vec4u, ROWS> = array<vec4u, ROWS>();
    // @unroll
    for (var r = 0u; r < ROWS; r++) { startA[r] = lines(row0 + r * 4u, params.rows, depth); }
    var startB: array<vec4u, COLUMNS> = array<vec4u, COLUMNS>();
    // @unroll
    for (var c = 0u; c < COLUMNS; c++) { startB[c] = lines(column0 + c * 4u, params.columns, depth); }

    for (var k = begin; k < end; k += 4u) {
      var right: array<mat4x4f, COLUMNS>;
      // @unroll
      for (var c = 0u; c < COLUMNS; c++) {
        let at = placeB(startB[c], column0 + c * 4u, k, depth);
        if (phase == 1u) {
          right[c] = turned(mat4x4f(moreB[at.x], moreB[at.y], moreB[at.z], moreB[at.w]));
        } else {
          right[c] = turned(mat4x4f(readB(at.x), readB(at.y), readB(at.z), readB(at.w)));
        }
      }
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        let block = loadA(row0 + r * 4u, k);
        // @unroll
        for (var i = 0u; i < 4u; i++) {
          var left: vec4f;  // one row of A at k … k + 3, read just before its use: it need not be kept
          if (phase == 1u) { left = moreA[startA[r][i] + k / 4u]; }
          else if (TRANSPOSE_A == 1u) { left = block[i]; }
          else { left = a[startA[r][i] + k / 4u]; }
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
    if (phase == 0u) {
      // @unroll
      for (var i = 0u; i < 4u * ROWS * COLUMNS; i++) { sums[i] *= params.scale; }
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
        y[(thread.z * params.rows + row) * (params.columns / 4u) + column] = sum;
      }
    }
  }
}
