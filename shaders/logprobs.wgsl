// Online log-sum-exp of the logits x = hidden · headᵀ · inverse, which are never stored.
// One workgroup: 8 x 8 threads, 32 rows by SPAN tokens. A thread takes 4 rows and every eighth block of 4 tokens of the
// span, and keeps in registers, one component a row:
//   m = max x,  s = Σ e^(x−m),  t = Σ (x−m) e^(x−m),  aim = the target's x if it lies in the thread's part, else 0
// No barriers. Every product adds over k = 0, 1, 2 …, as the matmuls do. logprobsCombine.wgsl joins the parts.
// SPAN is prepended, a multiple of 32.
// @common
alias Stored = vec4f;
struct Params { rows: u32, vocab: u32, width: u32, parts: u32, inverse: f32 } // width = D / 4; inverse = 1 / temperature
@group(0) @binding(0) var<storage, read>       hidden:  array<vec4f>; // [rows, D]
@group(0) @binding(1) var<storage, read>       head:    array<Stored>;// [vocab, D]
@group(0) @binding(2) var<storage, read>       targets: array<u32>;   // [rows]
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>; // [rows, parts]: m, s, t, aim
@group(0) @binding(4) var<uniform>             params:  Params;

fn readHead(i: u32) -> vec4f { return head[i]; }

// Four neighbours from `first` on; beyond the last they repeat it, and count for nothing.
fn four(first: u32, count: u32) -> vec4u {
  return min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(count - 1u));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let row0 = 32u * group.y + 4u * thread.y;
  let rows = four(row0, params.rows);
  let wanted = vec4u(targets[rows.x], targets[rows.y], targets[rows.z], targets[rows.w]);
  var m = vec4f(NEGATIVE);
  var s = vec4f();
  var t = vec4f();
  var aim = vec4f();

  let end = select(0u, min(SPAN * (group.x + 1u), params.vocab), row0 < params.rows);
  for (var first = SPAN * group.x + 4u * thread.x; first < end; first += 32u) {
    // Per token the logits of the four rows. Written out: SwiftShader does not zero a bare `var` again in a loop.
    var x = array<vec4f, 4>();
    var atRow = rows * params.width;
    var atToken = four(first, params.vocab) * params.width;
    for (var k = 0u; k < params.width; k++) {
      let h = transpose(mat4x4f(hidden[atRow.x], hidden[atRow.y], hidden[atRow.z], hidden[atRow.w]));
      // @unroll
      for (var c = 0u; c < 4u; c++) {
        let w = readHead(atToken[c]);
        x[c] = fma(h[3], vec4f(w.w), fma(h[2], vec4f(w.z), fma(h[1], vec4f(w.y), fma(h[0], vec4f(w.x), x[c]))));
      }
      atRow += vec4u(1u);
      atToken += vec4u(1u);
    }
    var top = m;
    // @unroll
    for (var c = 0u; c < 4u; c++) {
      x[c] = select(vec4f(NEGATIVE), x[c] * params.inverse, first + c < params.vocab);
      aim += select(vec4f(), x[c], wanted == vec4u(first + c));
      top = max(top, x[c]);
    }
    let scale = exp(m - top);
    t = (t + s * (m - top)) * scale;
    s *= scale;
    m = top;
    // @unroll
    for (var c = 0u; c < 4u; c++) {
      let e = exp(x[c] - top);
      s += e;
      t += (x[c] - top) * e;
    }
  }
  // @unroll
  for (var r = 0u; r < 4u; r++) {
    if (row0 + r < params.rows) {
      partial[(row0 + r) * params.parts + 8u * group.x + thread.x] = vec4f(m[r], s[r], t[r], aim[r]);
    }
  }
}
