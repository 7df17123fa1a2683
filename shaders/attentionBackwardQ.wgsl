// Gradient of attention.wgsl by its queries, and what its other half needs of every query.
//   P = exp(scale · q · keysᵀ − lse)    delta = Σ_d dOut ∘ out    dS = P ∘ (dOut · valuesᵀ − delta)    dQ = scale · dS · keys
// One invocation takes QUERIES neighbouring queries of a head and walks over the keys that they see.
// Training only: keys and values hold exactly the positions of the queries.
// @common
struct Params { time: u32, heads: u32, kvHeads: u32, scale: f32 }
@group(0) @binding(0) var<storage, read>       q:      array<vec4f>;  // [batch · time, heads, HEAD]; HEAD = headDim / 4
@group(0) @binding(1) var<storage, read>       keys:   array<vec4f>;  // [batch · time, kvHeads, HEAD]
@group(0) @binding(2) var<storage, read>       values: array<vec4f>;  // [batch · time, kvHeads, HEAD]
@group(0) @binding(3) var<storage, read>       out:    array<vec4f>;  // [batch · time, heads, HEAD]
@group(0) @binding(4) var<storage, read>       lse:    array<f32>;    // [batch · time, heads]
@group(0) @binding(5) var<storage, read>       dOut:   array<vec4f>;  // [batch · time, heads, HEAD]
@group(0) @binding(6) var<storage, read_write> dQ:     array<vec4f>;  // [batch · time, heads, HEAD]
@group(0) @binding(7) var<storage, read_write> delta:  array<f32>;    // [batch · time, heads]
@group(0) @binding(8) var<uniform>             params: Params;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let b = id.z;
  let head = id.y;
  let first = id.x * QUERIES;
  if (first >= params.time) {
    return;
  }
  let last = min(first + QUERIES, params.time) - 1u;
  let row = b * params.time * params.kvHeads + head * params.kvHeads / params.heads;

  var queryAt: array<u32, QUERIES>;
  var query: array<vec4f, QUERIES * HEAD>;  // scaled
  var dy: array<vec4f, QUERIES * HEAD>;
  var sum: array<vec4f, QUERIES * HEAD>;  // dQ before the scale
  var norm: array<f32, QUERIES>;  // lse
  var less: array<f32, QUERIES>;  // delta
  var s: array<f32, QUERIES>;  // scores, then dS
  var dP: array<f32, QUERIES>;
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    queryAt[i] = ((b * params.time + min(first + i, last)) * params.heads + head) * HEAD;
    norm[i] = lse[queryAt[i] / HEAD];
  }
  // What is loaded enters at the end while the rest moves up: unrolled loads would take a compiler seconds.
  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        query[i * HEAD + n - 1u] = query[i * HEAD + n];
        dy[i * HEAD + n - 1u] = dy[i * HEAD + n];
      }
      query[i * HEAD + HEAD - 1u] = q[queryAt[i] + d] * params.scale;
      let slope = dOut[queryAt[i] + d];
      dy[i * HEAD + HEAD - 1u] = slope;
      less[i] += dot(slope, out[queryAt[i] + d]);
    }
  }

  for (var key = 0u; key <= last; key++) {
    let at = (row + key * params.kvHeads) * HEAD;
    var k: array<vec4f, HEAD>;
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      s[i] = 0.0;
      dP[i] = 0.0;
    }
    // @unroll
    for (var d = 0u; d < HEAD; d++) {
      k[d] = keys[at + d];
      let v = values[at + d];
      // @unroll
      for (var i = 0u; i < QUERIES; i++) {
        s[i] += dot(query[i * HEAD + d], k[d]);
        dP[i] += dot(dy[i * HEAD + d], v);
      }
    }
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      let weight = exp(select(s[i] - norm[i], NEGATIVE, key > first + i));
      s[i] = weight * (dP[i] - less[i]);
    }
    // @unroll
    for (var d = 0u; d < HEAD; d++) {
      // @unroll
      for (var i = 0u; i < QUERIES; i++) {
        sum[i * HEAD + d] += k[d] * s[i];
      }
    }
  }

  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      if (first + i <= last) {
        dQ[queryAt[i] + d] = sum[i * HEAD] * params.scale;
      }
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        sum[i * HEAD + n - 1u] = sum[i * HEAD + n];
      }
    }
  }
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    if (first + i <= last) {
      delta[queryAt[i] / HEAD] = less[i];
    }
  }
}
