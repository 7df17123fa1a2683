// Gradient of attention.wgsl by its keys and values.
//   P = exp(scale · q · keysᵀ − lse)    dValues = Pᵀ · dOut    dS = P ∘ (dOut · valuesᵀ − delta)    dKeys = scale · dSᵀ · q
// One invocation takes KEYS neighbouring keys of a key head and walks over the queries that see them, of every
// query head that shares it: so nobody else adds to these sums, and their order does not depend on KEYS.
// @common
struct Params { time: u32, heads: u32, kvHeads: u32, scale: f32 }
@group(0) @binding(0) var<storage, read>       q:       array<vec4f>;  // [batch · time, heads, HEAD]; HEAD = headDim / 4
@group(0) @binding(1) var<storage, read>       keys:    array<vec4f>;  // [batch · time, kvHeads, HEAD]
@group(0) @binding(2) var<storage, read>       values:  array<vec4f>;  // [batch · time, kvHeads, HEAD]
@group(0) @binding(3) var<storage, read>       lse:     array<f32>;    // [batch · time, heads]
@group(0) @binding(4) var<storage, read>       delta:   array<f32>;    // [batch · time, heads]
@group(0) @binding(5) var<storage, read>       dOut:    array<vec4f>;  // [batch · time, heads, HEAD]
@group(0) @binding(6) var<storage, read_write> dKeys:   array<vec4f>;  // [batch · time, kvHeads, HEAD]
@group(0) @binding(7) var<storage, read_write> dValues: array<vec4f>;  // [batch · time, kvHeads, HEAD]
@group(0) @binding(8) var<uniform>             params:  Params;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let b = id.z;
  let kvHead = id.y;
  let first = id.x * KEYS;
  if (first >= params.time) {
    return;
  }
  let last = params.time - 1u;
  let group = params.heads / params.kvHeads;

  var keyAt: array<u32, KEYS>;
  var k: array<vec4f, KEYS * HEAD>;  // scaled
  var v: array<vec4f, KEYS * HEAD>;
  var dK: array<vec4f, KEYS * HEAD>;  // before the scale
  var dV: array<vec4f, KEYS * HEAD>;
  var s: array<f32, KEYS>;  // scores, then dS
  var dP: array<f32, KEYS>;
  var p: array<f32, KEYS>;
  // @unroll
  for (var j = 0u; j < KEYS; j++) {
    keyAt[j] = ((b * params.time + min(first + j, last)) * params.kvHeads + kvHead) * HEAD;
  }
  // What is loaded enters at the end while the rest moves up: unrolled loads would take a compiler seconds.
  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var j = 0u; j < KEYS; j++) {
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        k[j * HEAD + n - 1u] = k[j * HEAD + n];
        v[j * HEAD + n - 1u] = v[j * HEAD + n];
      }
      k[j * HEAD + HEAD - 1u] = keys[keyAt[j] + d] * params.scale;
      v[j * HEAD + HEAD - 1u] = values[keyAt[j] + d];
    }
  }

  for (var head = kvHead * group; head < (kvHead + 1u) * group; head++) {
    for (var t = first; t <= last; t++) {
      let row = (b * params.time + t) * params.heads + head;
      var query: array<vec4f, HEAD>;
      var dy: array<vec4f, HEAD>;
      // @unroll
      for (var j = 0u; j < KEYS; j++) {
        s[j] = 0.0;
        dP[j] = 0.0;
      }
      // @unroll
      for (var d = 0u; d < HEAD; d++) {
        query[d] = q[row * HEAD + d];
        dy[d] = dOut[row * HEAD + d];
        // @unroll
        for (var j = 0u; j < KEYS; j++) {
          s[j] += dot(k[j * HEAD + d], query[d]);
          dP[j] += dot(v[j * HEAD + d], dy[d]);
        }
      }
      let norm = lse[row];
      let less = delta[row];
      // @unroll
      for (var j = 0u; j < KEYS; j++) {
        p[j] = exp(select(s[j] - norm, NEGATIVE, t < first + j));
        s[j] = p[j] * (dP[j] - less);
      }
      // @unroll
      for (var d = 0u; d < HEAD; d++) {
        // @unroll
        for (var j = 0u; j < KEYS; j++) {
          dV[j * HEAD + d] += dy[d] * p[j];
          dK[j * HEAD + d] += query[d] * s[j];
        }
      }
    }
  }

  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var j = 0u; j < KEYS; j++) {
      if (first + j <= last) {
        dKeys[keyAt[j] + d] = dK[j * HEAD] * params.scale;
        dValues[keyAt[j] + d] = dV[j * HEAD];
      }
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        dK[j * HEAD + n - 1u] = dK[j * HEAD + n];
        dV[j * HEAD + n - 1u] = dV[j * HEAD + n];
      }
    }
  }
}
