// Appends projected keys and values to their caches.   keys[b, starts[b] + t] = k[b, t]    values alike
// One invocation per vec4 of k. What lies beyond the capacity is dropped: the host never asks for it to be read.
struct Params { batch: u32, time: u32, capacity: u32, dim: u32 }
@group(0) @binding(0) var<storage, read>       k:      array<vec4f>;  // [batch · time, dim], dim = kvHeads · headDim / 4
@group(0) @binding(1) var<storage, read>       v:      array<vec4f>;  // [batch · time, dim]
@group(0) @binding(2) var<storage, read>       starts: array<u32>;    // [batch]
@group(0) @binding(3) var<storage, read_write> keys:   array<vec4f>;  // [batch, capacity, dim]
@group(0) @binding(4) var<storage, read_write> values: array<vec4f>;  // [batch, capacity, dim]
@group(0) @binding(5) var<uniform>             params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let row = i / params.dim;
  let b = row / params.time;
  if (b >= params.batch) {
    return;
  }
  let position = starts[b] + row % params.time;
  if (position < params.capacity) {
    let to = (b * params.capacity + position) * params.dim + i % params.dim;
    keys[to] = k[i];
    values[to] = v[i];
  }
}
