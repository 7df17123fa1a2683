// Attention of one query per row over its cache: the step that writes one token. Same formula as attention.wgsl.
// A workgroup takes one head of one row. Over 1024 keys at a time: first every invocation scores keys of its own, then
// HEAD invocations (each a vec4 of the output) times SLICES share out the weighted sum. All sums have one fixed order.
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

var<workgroup> weights: array<f32, 1024>;
var<workgroup> parts: array<f32, 64>;
var<workgroup> sums: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let head = group.x;
  let b = group.y;
  let queryAt = (b * params.heads + head) * HEAD;
  let cache = b * params.capacity * params.kvHeads + head * params.kvHeads / params.heads;
  let length = min(starts[b], params.capacity - 1u) + 1u;
  let slice = lane / HEAD;
  let column = lane % HEAD;

  var top = NEGATIVE;
  var total = 0.0;
  var o = vec4f();
  for (var tile = 0u; tile < length; tile += 1024u) {
    let count = min(length - tile, 1024u);
    var own = NEGATIVE;
    for (var j = lane; j < count; j += 64u) {
      let keyAt = (cache + (tile + j) * params.kvHeads) * HEAD;
      var s = 0.0;
      for (var d = 0u; d < HEAD; d++) {
        s += dot(q[queryAt + d], keys[keyAt + d]);
      }
      weights[j] = s * params.scale;
      own = max(own, weights[j]);
    }
    parts[lane] = own;
    workgroupBarrier();
    let before = top;
    for (var n = 0u; n < min(count, 64u); n++) {
      top = max(top, parts[n]);
    }
    let shrink = exp(before - top);
    total *= shrink;
    o *= shrink;
    for (var j = lane; j < count; j += 64u) {
      weights[j] = exp(weights[j] - top);
      total += weights[j];
    }
    workgroupBarrier();
    if (slice < SLICES) {
      for (var j = slice; j < count; j += SLICES) {
        o += weights[j] * values[(cache + (tile + j) * params.kvHeads) * HEAD + column];
      }
    }
    workgroupBarrier();
  }

  parts[lane] = total;
  sums[lane] = o;
  workgroupBarrier();
  if (lane < HEAD) {
    var sum = 0.0;
    for (var n = 0u; n < 64u; n++) {
      sum += parts[n];
    }
    var result = vec4f();
    for (var n = 0u; n < SLICES; n++) {
      result += sums[n * HEAD + lane];
    }
    out[queryAt + lane] = result / sum;
    if (lane == 0u) {
      lse[b * params.heads + head] = top + log(sum);
    }
  }
}
