// The end of a step's sums, by one workgroup:   norm = √Σ parts   coefficient = min(1, clip / (norm + 1e-6)), 1 without clip
// A sum that is not finite skips the whole update. The step's metrics go to row `step mod rows`, its totals back to zero.
// STEP, CLIP and RATE are the words of stepParams: see optim.ts.
struct Params { size: u32, rows: u32 }
@group(0) @binding(0) var<storage, read>       parts:      array<f32>;   // [size], sums of squares
@group(0) @binding(1) var<storage, read>       stepParams: array<u32>;   // [64]
@group(0) @binding(2) var<storage, read_write> metrics:    array<vec4f>; // [rows, 2]
@group(0) @binding(3) var<storage, read_write> totals:     array<f32>;   // [4]: Σ weight · loss, hits, tokens, what is not told
@group(0) @binding(4) var<storage, read_write> clipped:    array<f32>;   // [2]: coefficient, 1 where the step is skipped
@group(0) @binding(5) var<uniform>             params:     Params;

const LANES = 256u;
var<workgroup> sums: array<f32, LANES>;
var<workgroup> faults: array<u32, LANES>;

// By its bits: WGSL may assume that infinities and NaN do not occur, and so fold a comparison away.
fn unbounded(x: f32) -> u32 {
  return select(0u, 1u, (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u);
}

fn word(at: u32) -> f32 {
  return bitcast<f32>(stepParams[at]);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  var fault = 0u;
  for (var i = lane; i < params.size; i += LANES) {
    sum += parts[i];
    fault |= unbounded(parts[i]);
  }
  sums[lane] = sum;
  faults[lane] = fault | unbounded(sum);
  workgroupBarrier();
  for (var reach = LANES / 2u; reach > 0u; reach /= 2u) {
    if (lane < reach) {
      sums[lane] += sums[lane + reach];
      faults[lane] |= faults[lane + reach];
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    let norm = sqrt(sums[0]);
    let skipped = (faults[0] | unbounded(sums[0]) | unbounded(norm)) != 0u;
    let limit = word(CLIP);
    clipped[0] = select(1.0, min(1.0, limit / (norm + 1e-6)), limit > 0.0 && !skipped);
    clipped[1] = select(0.0, 1.0, skipped);
    let row = 2u * (stepParams[STEP] % params.rows);
    metrics[row] = vec4f(totals[0], totals[1], totals[2], norm);
    metrics[row + 1u] = vec4f(clipped[1], word(RATE), f32(stepParams[STEP]), 0.0);
    totals[0] = 0.0;
    totals[1] = 0.0;
    totals[2] = 0.0;
    totals[3] = 0.0;
  }
}
