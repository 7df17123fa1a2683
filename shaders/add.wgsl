// The residual connection. One invocation per element.   y = a + b
struct Params { size: u32 }
@group(0) @binding(0) var<storage, read>       a:      array<f32>;  // [size]
@group(0) @binding(1) var<storage, read>       b:      array<f32>;  // [size]
@group(0) @binding(2) var<storage, read_write> y:      array<f32>;  // [size]
@group(0) @binding(3) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < params.size) {
    y[i] = a[i] + b[i];
  }
}
