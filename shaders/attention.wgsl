// Causal flash attention (Dao et al. 2022) over a key/value cache, with grouped query heads.
//   scores[j] = scale · q · keys[j]   for keys up to the query's own position, starts[b] + t
//   out = Σ softmax(scores)[j] · values[j]      lse = log Σ exp(scores[j])
// A workgroup takes 8 · QUERIES queries of one head and walks over the keys, 32 at a time. Its 8 × 8 invocations each hold
// QUERIES × 4 scores, then QUERIES × COLUMNS vec4 of the output, COLUMNS = HEAD / 8 rounded up. Keys are never read beyond the tile's last query, so
// what lies in the cache behind it cannot matter.
// @common
struct Params { time: u32, heads: u32, kvHeads: u32, capacity: u32, scale: f32 }
@group(0) @binding(0) var<storage, read>       q:      array<vec4f>;  // [batch · time, heads, HEAD]; HEAD = headDim / 4
@group(0) @binding(1) var<storage, read>       keys:   array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(2) var<storage, read>       values: array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(3) var<storage, read>       starts: array<u32>;    // [batch], position of each row's first query
@group(0) @binding(4) var<storage, read_write> out:    array<vec4f>;  // [batch · time, heads, HEAD]
@group(0) @binding(5) var<storage, read_write> lse:    array<f32>;    // [batch · time, heads], kept for the backward pass
@group(0) @binding(6) var<uniform>             params: Params;

var<workgroup> weights: array<vec4f, 64u * QUERIES>;  // [query, key / 4] of the tile
var<workgroup> parts: array<f32, 64u * QUERIES>;      // [query, invocation], for maxima and then sums over a row

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let x = local % 8u;
  let y = local / 8u * QUERIES;
  let b = group.z;
  let head = group.y;
  let cache = b * params.capacity * params.kvHeads + head * params.kvHeads / params.heads;
  let first = group.x * 8u * QUERIES;
  let lastQuery = min(first + 8u * QUERIES, params.time) - 1u;
  let lastKey = min(starts[b] + lastQuery, params.capacity - 1u);

  var queryAt: array<u32, QUERIES>;
  var top: array<f32, QUERIES>;
  var total: array<f32, QUERIES>;
  var o: array<vec4f, QUERIES * COLUMNS>;
  var s: array<vec4f, QUERIES>;
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    queryAt[i] = ((b * params.time + min(first + y + i, lastQuery)) * params.heads + head) * HEAD;
    top[i] = NEGATIVE;
  }

  for (var tile = 0u; tile <= lastKey; tile += 32u) {
    let key = tile + x * 4u;
    let k0 = (cache + min(key, lastKey) * params.kvHeads) * HEAD;
    let k1 = (cache + min(key + 1u, lastKey) * params.kvHeads) * HEAD;
    let k2 = (cache + min(key + 2u, lastKey) * params.kvHeads) * HEAD;
    let k3 = (cache + min(key + 3u, lastKey) * params.kvHeads) * HEAD;
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      s[i] = vec4f();
    }
    for (var d = 0u; d < HEAD; d++) {
      let k = mat4x4f(keys[k0 + d], keys[k1 + d], keys[k2 + d], keys[k3 + d]);
      // @unroll
      for (var i = 0u; i < QUERIES; i++) {
        s[i] += q[queryAt[i] + d] * k;
      }
    }
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      let hidden = vec4u(key, key + 1u, key + 2u, key + 3u) > vec4u(starts[b] + first + y + i);
      s[i] = select(s[i] * params.scale, vec4f(NEGATIVE), hidden);
      parts[(y + i) * 8u + x] = max(max(s[i].x, s[i].y), max(s[i].z, s[i].w));
    }
    workgroupBarrier();
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      let before = top[i];
      for (var n = 0u; n < 8u; n++) {
        top[i] = max(top[i], parts[(y + i) * 8u + n]);
      }
      let weight = exp(s[i] - top[i]);
      weights[(y + i) * 8u + x] = weight;
      let shrink = exp(before - top[i]);
      total[i] = total[i] * shrink + (weight.x + weight.y) + (weight.z + weight.w);
      // @unroll
      for (var c = 0u; c < COLUMNS; c++) {
        o[i * COLUMNS + c] *= shrink;
      }
    }
    workgroupBarrier();
    for (var n = 0u; n < 8u; n++) {
      let j = tile + n * 4u;
      let v0 = (cache + min(j, lastKey) * params.kvHeads) * HEAD;
      let v1 = (cache + min(j + 1u, lastKey) * params.kvHeads) * HEAD;
      let v2 = (cache + min(j + 2u, lastKey) * params.kvHeads) * HEAD;
      let v3 = (cache + min(j + 3u, lastKey) * params.kvHeads) * HEAD;
      // @unroll
      for (var c = 0u; c < COLUMNS; c++) {
        let column = min(x + 8u * c, HEAD - 1u);
        let v = mat4x4f(values[v0 + column], values[v1 + column], values[v2 + column], values[v3 + column]);
        // @unroll
        for (var i = 0u; i < QUERIES; i++) {
          o[i * COLUMNS + c] += v * weights[(y + i) * 8u + n];
        }
      }
    }
  }

  // The maxima were last read before the second barrier of the loop, so their place is free.
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    parts[(y + i) * 8u + x] = total[i];
  }
  workgroupBarrier();
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    if (first + y + i <= lastQuery) {
      var sum = 0.0;
      for (var n = 0u; n < 8u; n++) {
        sum += parts[(y + i) * 8u + n];
      }
      // @unroll
      for (var c = 0u; c < COLUMNS; c++) {
        if (x + 8u * c < HEAD) {
          out[queryAt[i] + x + 8u * c] = o[i * COLUMNS + c] / sum;
        }
      }
      if (x == 0u) {
        lse[queryAt[i] / HEAD] = top[i] + log(sum);
      }
    }
  }
}
