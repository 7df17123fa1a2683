// Causal flash attention (Dao et al. 2022) over a key/value cache, with grouped query heads.
//   scores[j] = scale · q · keys[j]   for keys up to the query's own position, starts[b] + t
//   out = Σ softmax(scores)[j] · values[j]      lse = log Σ exp(scores[j])
// One invocation takes QUERIES neighbouring queries of a head and walks over the keys with a running maximum:
// everything stays in its registers, and neighbours read the same key, which caches serve.
// Keys are never read beyond the last query: what lies in the cache behind it cannot matter.
// @common
struct Params { time: u32, heads: u32, kvHeads: u32, capacity: u32, scale: f32 }
@group(0) @binding(0) var<storage, read>       q:      array<vec4f>;  // [batch · time, heads, HEAD]; HEAD = headDim / 4
@group(0) @binding(1) var<storage, read>       keys:   array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(2) var<storage, read>       values: array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(3) var<storage, read>       starts: array<u32>;    // [batch], position of each row's first query
@group(0) @binding(4) var<storage, read_write> out:    array<vec4f>;  // [batch · time, heads, HEAD]
@group(0) @binding(5) var<storage, read_write> lse:    array<f32>;    // [batch · time, heads], kept for the backward pass
@group(0) @binding(6) var<uniform>             params: Params;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let b = id.z;
  let head = id.y;
  let first = id.x * QUERIES;
  if (first >= params.time) {
    return;
  }
  let lastQuery = min(first + QUERIES, params.time) - 1u;
  let lastKey = min(starts[b] + lastQuery, params.capacity - 1u);
  let cache = b * params.capacity * params.kvHeads + head * params.kvHeads / params.heads;

  var queryAt: array<u32, QUERIES>;
  var query: array<vec4f, QUERIES * HEAD>;
  var o: array<vec4f, QUERIES * HEAD>;
  var top: array<f32, QUERIES>;
  var total: array<f32, QUERIES>;
  var shrink: array<f32, QUERIES>;  // what the sums so far are to be multiplied by
  var s: array<f32, QUERIES>;       // scores, then their exponentials
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    top[i] = NEGATIVE;
    queryAt[i] = ((b * params.time + min(first + i, lastQuery)) * params.heads + head) * HEAD;
  }
  // What is loaded enters at the end while the rest moves up: unrolled loads would take a compiler seconds.
  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        query[i * HEAD + n - 1u] = query[i * HEAD + n];
      }
      query[i * HEAD + HEAD - 1u] = q[queryAt[i] + d] * params.scale;
    }
  }

  for (var key = 0u; key <= lastKey; key++) {
    let at = (cache + key * params.kvHeads) * HEAD;
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      s[i] = 0.0;
    }
    // @unroll
    for (var d = 0u; d < HEAD; d++) {
      let k = keys[at + d];
      // @unroll
      for (var i = 0u; i < QUERIES; i++) {
        s[i] += dot(query[i * HEAD + d], k);
      }
    }
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      let seen = select(s[i], NEGATIVE, key > starts[b] + first + i);
      let before = top[i];
      top[i] = max(before, seen);
      shrink[i] = exp(before - top[i]);
      s[i] = exp(seen - top[i]);
      total[i] = total[i] * shrink[i] + s[i];
    }
    // @unroll
    for (var d = 0u; d < HEAD; d++) {
      let v = values[at + d];
      // @unroll
      for (var i = 0u; i < QUERIES; i++) {
        o[i * HEAD + d] = o[i * HEAD + d] * shrink[i] + v * s[i];
      }
    }
  }

  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      if (first + i <= lastQuery) {
        out[queryAt[i] + d] = o[i * HEAD] / total[i];
      }
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        o[i * HEAD + n - 1u] = o[i * HEAD + n];
      }
    }
  }
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    if (first + i <= lastQuery) {
      lse[queryAt[i] / HEAD] = top[i] + log(total[i]);
    }
  }
}
