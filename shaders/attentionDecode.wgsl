// Attention of one query per row over its cache: the step that writes one token. Same formula as attention.wgsl.
// A workgroup takes GROUP query heads of one row that share a key head, and walks over the keys, 256 at a time:
//   1. each invocation scores 4 neighbouring keys for every head;
//   2. 16 invocations per head find the maximum of 16 scores each, and everybody takes the maximum of those;
//   3. HEAD invocations (each a vec4 of the output) times SLICES share out the weighted sum.
// All sums have one fixed order.
// @common
struct Params { heads: u32, kvHeads: u32, capacity: u32, scale: f32 }
@group(0) @binding(0) var<storage, read>       q:      array<vec4f>;  // [batch, heads, HEAD]; HEAD = headDim / 4
@group(0) @binding(1) var<storage, read>       keys:   array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(2) var<storage, read>       values: array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(3) var<storage, read>       starts: array<u32>;    // [batch], position of the query
@group(0) @binding(4) var<storage, read_write> out:    array<vec4f>;  // [batch, heads, HEAD]
@group(0) @binding(5) var<storage, read_write> lse:    array<f32>;    // [batch, heads]
@group(0) @binding(6) var<uniform>             params: Params;

const SLICES = 64u / HEAD;

var<workgroup> weights: array<vec4f, 64u * GROUP>;  // [head, key / 4]; at the end [head, invocation], parts of the output
var<workgroup> parts: array<f32, 64u * GROUP>;      // [head, invocation]: maxima, at the end totals
var<workgroup> maxima: array<f32, 64>;              // [head, 16]

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let b = group.y;
  let head = group.x * GROUP;
  let queryAt = (b * params.heads + head) * HEAD;
  let cache = b * params.capacity * params.kvHeads + head * params.kvHeads / params.heads;
  let last = min(starts[b], params.capacity - 1u);
  let slice = lane / HEAD;
  let column = lane % HEAD;

  var top: array<f32, GROUP>;
  var total: array<f32, GROUP>;
  var s: array<vec4f, GROUP>;
  var o: array<vec4f, GROUP>;
  // @unroll
  for (var h = 0u; h < GROUP; h++) {
    top[h] = NEGATIVE;
  }
  for (var tile = 0u; tile <= last; tile += 256u) {
    let key = tile + lane * 4u;
    // @unroll
    for (var h = 0u; h < GROUP; h++) {
      s[h] = vec4f();
    }
    if (key <= last) {
      let k0 = (cache + key * params.kvHeads) * HEAD;
      let k1 = (cache + min(key + 1u, last) * params.kvHeads) * HEAD;
      let k2 = (cache + min(key + 2u, last) * params.kvHeads) * HEAD;
      let k3 = (cache + min(key + 3u, last) * params.kvHeads) * HEAD;
      for (var d = 0u; d < HEAD; d++) {
        let k = mat4x4f(keys[k0 + d], keys[k1 + d], keys[k2 + d], keys[k3 + d]);
        // @unroll
        for (var h = 0u; h < GROUP; h++) {
          s[h] += q[queryAt + h * HEAD + d] * k;
        }
      }
    }
    let hidden = vec4u(key, key + 1u, key + 2u, key + 3u) > vec4u(last);
    // @unroll
    for (var h = 0u; h < GROUP; h++) {
      s[h] = select(s[h] * params.scale, vec4f(NEGATIVE), hidden);
      parts[h * 64u + lane] = max(max(s[h].x, s[h].y), max(s[h].z, s[h].w));
    }
    workgroupBarrier();
    if (lane < 16u * GROUP) {
      let at = lane * 4u;
      maxima[lane] = max(max(parts[at], parts[at + 1u]), max(parts[at + 2u], parts[at + 3u]));
    }
    workgroupBarrier();
    // @unroll
    for (var h = 0u; h < GROUP; h++) {
      let before = top[h];
      for (var n = 0u; n < 16u; n++) {
        top[h] = max(top[h], maxima[h * 16u + n]);
      }
      let weight = exp(s[h] - top[h]);
      weights[h * 64u + lane] = weight;
      let shrink = exp(before - top[h]);
      total[h] = total[h] * shrink + (weight.x + weight.y) + (weight.z + weight.w);
      o[h] *= shrink;
    }
    workgroupBarrier();
    if (slice < SLICES) {
      for (var n = slice; n < min((last - tile) / 4u + 1u, 64u); n += SLICES) {
        let j = tile + n * 4u;
        let v = mat4x4f(
          values[(cache + j * params.kvHeads) * HEAD + column],
          values[(cache + min(j + 1u, last) * params.kvHeads) * HEAD + column],
          values[(cache + min(j + 2u, last) * params.kvHeads) * HEAD + column],
          values[(cache + min(j + 3u, last) * params.kvHeads) * HEAD + column],
        );
        // @unroll
        for (var h = 0u; h < GROUP; h++) {
          o[h] += v * weights[h * 64u + n];
        }
      }
    }
  }

  workgroupBarrier();
  // @unroll
  for (var h = 0u; h < GROUP; h++) {
    weights[h * 64u + lane] = o[h];
    parts[h * 64u + lane] = total[h];
    if (lane == 0u) {
      maxima[h] = top[h];
    }
  }
  workgroupBarrier();
  for (var i = lane; i < GROUP * HEAD; i += 64u) {
    let h = i / HEAD;
    var sum = 0.0;
    for (var n = h * 64u; n < h * 64u + 64u; n++) {
      sum += parts[n];
    }
    var result = vec4f();
    for (var n = 0u; n < SLICES; n++) {
      result += weights[h * 64u + n * HEAD + i % HEAD];
    }
    out[queryAt + i] = result / sum;
    if (i % HEAD == 0u) {
      lse[b * params.heads + head + h] = maxima[h] + log(sum);
    }
  }
}
