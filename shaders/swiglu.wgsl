// The gated activation of a Llama feed-forward block.   y = silu(gate) · up    silu(g) = g · sigmoid(g)
// One invocation per Elem.
alias Elem = vec4f;
struct Params { size: u32 }  // in Elem
@group(0) @binding(0) var<storage, read>       gate:   array<Elem>;  // [size]
@group(0) @binding(1) var<storage, read>       up:     array<Elem>;  // [size]
@group(0) @binding(2) var<storage, read_write> y:      array<Elem>;  // [size]
@group(0) @binding(3) var<uniform>             params: Params;

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
  y[i] = g * sigmoid * up[i];
}
