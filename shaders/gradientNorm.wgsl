// Sums of squares of a gradient, in parts.   parts[offset + i] = Σ g[i + k · count]²   over k = 0, 1, 2 …
// Each invocation adds its share in that order; clip.wgsl joins the parts of all groups. Four sums run side by side in an Elem.
alias Elem = vec4f;
struct Params { size: u32, count: u32, offset: u32 }  // in Elem
@group(0) @binding(0) var<storage, read>       gradient: array<Elem>;  // [size]
@group(0) @binding(1) var<storage, read_write> parts:    array<Elem>;  // [offset + count] and more
@group(0) @binding(2) var<uniform>             params:   Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.count) {
    return;
  }
  var sum = Elem();
  for (var i = id.x; i < params.size; i += params.count) {
    sum += gradient[i] * gradient[i];
  }
  parts[params.offset + id.x] = sum;
}
