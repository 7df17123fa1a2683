// What rows are added into starts as nothing. One invocation per Elem.   y = 0
alias Elem = vec4f;
struct Params { size: u32 }  // in Elem
@group(0) @binding(0) var<storage, read_write> y:      array<Elem>;  // [size]
@group(0) @binding(1) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < params.size) {
    y[i] = Elem();
  }
}
