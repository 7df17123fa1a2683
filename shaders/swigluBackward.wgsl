// Gradient of the gated activation.   y = silu(gate) · up    silu(g) = g · s    s = sigmoid(g)
//   dgate = dy · up · s · (1 + g · (1 − s))    dup = dy · g · s
// One invocation per Elem; s is computed again, which is cheaper than keeping it.
alias Elem = vec4f;
struct Params { size: u32 }  // in Elem
@group(0) @binding(0) var<storage, read>       gate:   array<Elem>;  // [size]
@group(0) @binding(1) var<storage, read>       up:     array<Elem>;  // [size]
@group(0) @binding(2) var<storage, read>       dy:     array<Elem>;  // [size]
@group(0) @binding(3) var<storage, read_write> dgate:  array<Elem>;  // [size]
@group(0) @binding(4) var<storage, read_write> dup:    array<Elem>;  // [size]
@group(0) @binding(5) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.size) {
    return;
  }
  let g = gate[i];
  // exp only of what is not positive: an overflow to infinity is not defined in WGSL.
  let e = exp(-abs(g));
  let sigmoid = select(e, Elem(1.0), g >= Elem(0.0)) / (1.0 + e);
  let d = dy[i] * sigmoid;
  dgate[i] = d * up[i] * (1.0 + g * (1.0 - sigmoid));
  dup[i] = d * g;
}
