// Causal flash attention (Dao et al. 2022) over a key/value cache, with grouped query heads.
//   scores[j] = scale · q · keys[j]   for keys up to the query's own position, starts[b] + t
//   out = Σ softmax(scores)[j] · values[j]      lse = log Σ exp(scores[j])
// A workgroup takes ROWS = 8 · QUERIES queries of one head and walks over the keys, 32 at a time, in three parts:
//   1. the 8 × 8 invocations each score QUERIES × 4 pairs;
//   2. 64 / ROWS invocations share a row: new maximum, weights, running total;
//   3. the 8 × 8 invocations each add to QUERIES × COLUMNS vec4 of the output, COLUMNS = HEAD / 8 rounded up.
// Keys are never read beyond the tile's last query: what lies in the cache behind it cannot matter.
// @common
struct Params { time: u32, heads: u32, kvHeads: u32, capacity: u32, scale: f32 }
@group(0) @binding(0) var<storage, read>       q:      array<vec4f>;  // [batch · time, heads, HEAD]; HEAD = headDim / 4
@group(0) @binding(1) var<storage, read>       keys:   array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(2) var<storage, read>       values: array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(3) var<storage, read>       starts: array<u32>;    // [batch], position of each row's first query
@group(0) @binding(4) var<storage, read_write> out:    array<vec4f>;  // [batch · time, heads, HEAD]
@group(0) @binding(5) var<storage, read_write> lse:    array<f32>;    // [batch · time, heads], kept for the backward pass
@group(0) @binding(6) var<uniform>             params: Params;

const ROWS = 8u * QUERIES;
const SHARE = QUERIES;  // of the 8 vec4 of a row's weights, what each of its 64 / ROWS invocations takes

var<workgroup> weights: array<vec4f, ROWS * 8u>;  // [row, key / 4] of the tile: scores, then their exponentials
var<workgroup> maxima: array<f32, ROWS * 8u>;     // [row, key / 4]
var<workgroup> shrink: array<f32, ROWS>;          // what the row's sums are to be multiplied by
var<workgroup> totals: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let b = group.z;
  let head = group.y;
  let cache = b * params.capacity * params.kvHeads + head * params.kvHeads / params.heads;
  let first = group.x * ROWS;
  let lastQuery = min(first + ROWS, params.time) - 1u;
  let lastKey = min(starts[b] + lastQuery, params.capacity - 1u);
  let x = local % 8u;
  let y = local / 8u * QUERIES;
  let row = local * SHARE / 8u;
  let part = local * SHARE % 8u;

  var top = NEGATIVE;
  var total = 0.0;
  var queryAt: array<u32, QUERIES>;
  var s: array<vec4f, QUERIES>;
  var o: array<vec4f, QUERIES * COLUMNS>;
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    queryAt[i] = ((b * params.time + min(first + y + i, lastQuery)) * params.heads + head) * HEAD;
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
      let seen = select(s[i] * params.scale, vec4f(NEGATIVE), hidden);
      weights[(y + i) * 8u + x] = seen;
      maxima[(y + i) * 8u + x] = max(max(seen.x, seen.y), max(seen.z, seen.w));
    }
    workgroupBarrier();
    let before = top;
    for (var n = 0u; n < 8u; n++) {
      top = max(top, maxima[row * 8u + n]);
    }
    let less = exp(before - top);
    if (part == 0u) {
      shrink[row] = less;
    }
    total *= less;
    for (var n = row * 8u + part; n < row * 8u + part + SHARE; n++) {
      let weight = exp(weights[n] - top);
      weights[n] = weight;
      total += (weight.x + weight.y) + (weight.z + weight.w);
    }
    workgroupBarrier();
    // @unroll
    for (var i = 0u; i < QUERIES; i++) {
      // @unroll
      for (var c = 0u; c < COLUMNS; c++) {
        o[i * COLUMNS + c] *= shrink[y + i];
      }
    }
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
    workgroupBarrier();
  }

  totals[local] = total;
  workgroupBarrier();
  if (part == 0u) {
    var sum = 0.0;
    for (var n = local; n < local + 8u / SHARE; n++) {
      sum += totals[n];
    }
    shrink[row] = 1.0 / sum;
    if (first + row <= lastQuery) {
      lse[(b * params.time + first + row) * params.heads + head] = top + log(sum);
    }
  }
  workgroupBarrier();
  // @unroll
  for (var i = 0u; i < QUERIES; i++) {
    // @unroll
    for (var c = 0u; c < COLUMNS; c++) {
      if (first + y + i <= lastQuery && x + 8u * c < HEAD) {
        out[queryAt[i] + x + 8u * c] = o[i * COLUMNS + c] * shrink[y + i];
      }
    }
  }
}
