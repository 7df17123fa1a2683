// RMSNorm over the last axis.   rstd = 1 / sqrt(mean(x²) + eps)    y = x · rstd · weight
// LANES invocations share a row; a workgroup of 64 takes 64 / LANES rows. Partial sums are added in one fixed order.
struct Params { rows: u32, dim: u32, eps: f32 }
@group(0) @binding(0) var<storage, read>       x:      array<f32>;  // [rows, dim]
@group(0) @binding(1) var<storage, read>       weight: array<f32>;  // [dim]
@group(0) @binding(2) var<storage, read_write> y:      array<f32>;  // [rows, dim]
@group(0) @binding(3) var<storage, read_write> rstd:   array<f32>;  // [rows], kept for the backward pass
@group(0) @binding(4) var<uniform>             params: Params;

var<workgroup> partial: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let lane = local % LANES;
  let row = (group.y * groups.x + group.x) * (64u / LANES) + local / LANES;
  let inside = row < params.rows;
  let start = row * params.dim;
  var squares = 0.0;
  if (inside) {
    for (var i = lane; i < params.dim; i += LANES) {
      let value = x[start + i];
      squares += value * value;
    }
  }
  partial[local] = squares;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < LANES; i++) {
    sum += partial[local - lane + i];
  }
  let scale = 1.0 / sqrt(sum / f32(params.dim) + params.eps);
  if (inside) {
    for (var i = lane; i < params.dim; i += LANES) {
      y[start + i] = x[start + i] * scale * weight[i];
    }
    if (lane == 0u) {
      rstd[row] = scale;
    }
  }
}
