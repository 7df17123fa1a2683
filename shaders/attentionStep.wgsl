// Attention of one query per row over its cache, without barriers: for adapters where those are dear.
// One invocation takes GROUP query heads of a row that share a key head, and walks over the keys with a running maximum.
// Formula and order of every sum are those of attention.wgsl: a token has the same scores when it is drawn and in training.
// @common
struct Params { groups: u32, heads: u32, kvHeads: u32, capacity: u32, scale: f32 }  // groups = batch · heads / GROUP
@group(0) @binding(0) var<storage, read>       q:      array<vec4f>;  // [batch, heads, HEAD]; HEAD = headDim / 4
@group(0) @binding(1) var<storage, read>       keys:   array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(2) var<storage, read>       values: array<vec4f>;  // [batch, capacity, kvHeads, HEAD]
@group(0) @binding(3) var<storage, read>       starts: array<u32>;    // [batch], position of the query
@group(0) @binding(4) var<storage, read_write> out:    array<vec4f>;  // [batch, heads, HEAD]
@group(0) @binding(5) var<storage, read_write> lse:    array<f32>;    // [batch, heads]
@group(0) @binding(6) var<uniform>             params: Params;

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 4u + id.x;
  if (i >= params.groups) {
    return;
  }
  let first = i * GROUP;  // among all heads of all rows
  let b = first / params.heads;
  let last = min(starts[b], params.capacity - 1u);
  let cache = b * params.capacity * params.kvHeads + first % params.heads * params.kvHeads / params.heads;

  var query: array<vec4f, GROUP * HEAD>;
  var o: array<vec4f, GROUP * HEAD>;
  var top: array<f32, GROUP>;
  var total: array<f32, GROUP>;
  var shrink: array<f32, GROUP>;  // what the sums so far are to be multiplied by
  var s: array<f32, GROUP>;       // scores, then their exponentials
  // @unroll
  for (var h = 0u; h < GROUP; h++) {
    top[h] = NEGATIVE;
  }
  // What is loaded enters at the end while the rest moves up: unrolled loads would take a compiler seconds.
  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var h = 0u; h < GROUP; h++) {
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        query[h * HEAD + n - 1u] = query[h * HEAD + n];
      }
      query[h * HEAD + HEAD - 1u] = q[(first + h) * HEAD + d] * params.scale;
    }
  }

  for (var key = 0u; key <= last; key++) {
    let at = (cache + key * params.kvHeads) * HEAD;
    // @unroll
    for (var h = 0u; h < GROUP; h++) {
      s[h] = 0.0;
    }
    // @unroll
    for (var d = 0u; d < HEAD; d++) {
      let k = keys[at + d];
      // @unroll
      for (var h = 0u; h < GROUP; h++) {
        s[h] += dot(query[h * HEAD + d], k);
      }
    }
    // @unroll
    for (var h = 0u; h < GROUP; h++) {
      let score = s[h];
      let before = top[h];
      top[h] = max(before, score);
      shrink[h] = exp(before - top[h]);
      s[h] = exp(score - top[h]);
      total[h] = total[h] * shrink[h] + s[h];
    }
    // @unroll
    for (var d = 0u; d < HEAD; d++) {
      let v = values[at + d];
      // @unroll
      for (var h = 0u; h < GROUP; h++) {
        o[h * HEAD + d] = o[h * HEAD + d] * shrink[h] + v * s[h];
      }
    }
  }

  for (var d = 0u; d < HEAD; d++) {
    // @unroll
    for (var h = 0u; h < GROUP; h++) {
      out[(first + h) * HEAD + d] = o[h * HEAD] / total[h];
      // @unroll
      for (var n = 1u; n < HEAD; n++) {
        o[h * HEAD + n - 1u] = o[h * HEAD + n];
      }
    }
  }
  // @unroll
  for (var h = 0u; h < GROUP; h++) {
    lse[first + h] = top[h] + log(total[h]);
  }
}
