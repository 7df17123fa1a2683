// Online log-sum-exp of the logits x = hidden · headᵀ · inverse, which are never stored.
// One workgroup: 32 rows x SPAN of the vocabulary; each thread 4 rows and every eighth block of 4 tokens of the span, in
//   registers: m = max x,  s = Σ e^(x−m),  t = Σ (x−m) e^(x−m),  and the target's x where it lies in the thread's part.
// No barriers. Every product adds over k = 0, 1, 2 …, as matmul.wgsl does. logprobsCombine.wgsl joins the parts.
// @common
struct Params { rows: u32, vocab: u32, width: u32, parts: u32, inverse: f32 } // width = D / 4; inverse = 1 / temperature
@group(0) @binding(0) var<storage, read>       hidden:  array<vec4f>; // [rows, D]
@group(0) @binding(1) var<storage, read>       head:    array<vec4f>; // [vocab, D]
@group(0) @binding(2) var<storage, read>       targets: array<u32>;   // [rows]
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>; // [rows, parts]: m, s, t, target's x or 0
@group(0) @binding(4) var<uniform>             params:  Params;

// SPAN is prepended: tokens per workgroup, a multiple of 32.

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let row0 = 32u * group.y + 4u * thread.y;
  var m = vec4f(NEGATIVE); // one component a row
  var s = vec4f();
  var t = vec4f();
  var aim = vec4f();
  var target4 = vec4u();
  // @unroll
  for (var r = 0u; r < 4u; r++) { target4[r] = targets[min(row0 + r, params.rows - 1u)]; }

  for (var first = SPAN * group.x + 4u * thread.x; first < min(SPAN * (group.x + 1u), params.vocab); first += 32u) {
    var x = array<vec4f, 4>(); // [token], one component a row; bare `var` is not zeroed again in a loop on SwiftShader
    for (var k = 0u; k < params.width; k++) {
      var h: array<vec4f, 4>;
      // @unroll
      for (var r = 0u; r < 4u; r++) { h[r] = hidden[min(row0 + r, params.rows - 1u) * params.width + k]; }
      // @unroll
      for (var c = 0u; c < 4u; c++) {
        let w = head[min(first + c, params.vocab - 1u) * params.width + k];
        // @unroll
        for (var i = 0u; i < 4u; i++) { x[c] = fma(vec4f(h[0][i], h[1][i], h[2][i], h[3][i]), vec4f(w[i]), x[c]); }
      }
    }
    // @unroll
    for (var c = 0u; c < 4u; c++) {
      x[c] = select(vec4f(NEGATIVE), x[c] * params.inverse, first + c < params.vocab);
      aim += select(vec4f(), x[c], target4 == vec4u(first + c));
    }
    let top = max(m, max(max(x[0], x[1]), max(x[2], x[3])));
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
