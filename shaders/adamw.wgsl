// AdamW (Loshchilov & Hutter 2019), decay first and apart from the gradient, as torch.optim.AdamW.   g = coefficient · gradient
//   m ← m + (1 − β1)(g − m)   v ← β2 v + (1 − β2) g²   p ← (1 − rate · λ) p − rate/(1 − β1ᵗ) · m / (√v / √(1 − β2ᵗ) + ε)
// rate and λ are the step's; a group's own factor multiplies its rate.
// Where the step is skipped only the gradient changes: it is zeroed for the next one either way.
alias Elem = vec4f;
struct Params { size: u32, decays: u32, rate: f32 }  // in Elem; 1 where λ applies; the group's factor
@group(0) @binding(0) var<storage, read>       stepParams: array<u32>;   // [64], words as in optim.ts
@group(0) @binding(1) var<storage, read>       clipped:    array<f32>;   // [2]: coefficient, 1 where the step is skipped
@group(0) @binding(2) var<storage, read_write> value:      array<Elem>;  // [size]
@group(0) @binding(3) var<storage, read_write> gradient:   array<Elem>;  // [size]
@group(0) @binding(4) var<storage, read_write> m:          array<Elem>;  // [size]
@group(0) @binding(5) var<storage, read_write> v:          array<Elem>;  // [size]
@group(0) @binding(6) var<uniform>             params:     Params;

fn word(at: u32) -> f32 {
  return bitcast<f32>(stepParams[at]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= params.size) {
    return;
  }
  if (clipped[1] == 0.0) {
    let g = clipped[0] * gradient[i];
    let mean = m[i] + word(REST1) * (g - m[i]);
    let square = word(BETA2) * v[i] + word(REST2) * (g * g);
    let shrink = select(1.0, 1.0 - params.rate * (1.0 - word(SHRINK)), params.decays == 1u);  // at the factor 1 exactly SHRINK
    m[i] = mean;
    v[i] = square;
    value[i] = shrink * value[i] - params.rate * word(STRIDE) * mean / (sqrt(square) * word(ROOT) + word(EPSILON));
  }
  gradient[i] = Elem();
}
