// Oracle of the optimizer in f64, written as torch.optim.AdamW after clip_grad_norm_: one group, one step, in place.

export interface AdamwState {
  value: number[];
  m: number[];
  v: number[];
}

export interface AdamwSettings {
  lr: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** From 1. */
  step: number;
}

export const normReference = (gradients: readonly ArrayLike<number>[]): number =>
  Math.sqrt(gradients.reduce((sum, g) => Array.from(g).reduce((s, x) => s + x * x, sum), 0));

/** clip = 0: no clip */
export const clipReference = (norm: number, clip: number): number => (clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1);

export function adamwReference(state: AdamwState, gradient: ArrayLike<number>, settings: AdamwSettings): void {
  const { lr, beta1, beta2, epsilon, weightDecay, step } = settings;
  const { value, m, v } = state;
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i] ?? Number.NaN;
    const mean = beta1 * (m[i] ?? 0) + (1 - beta1) * g;
    const square = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g;
    const decayed = (value[i] ?? 0) * (1 - lr * weightDecay);
    const unbiased = Math.sqrt(square / (1 - beta2 ** step));
    m[i] = mean;
    v[i] = square;
    value[i] = decayed - (lr * (mean / (1 - beta1 ** step))) / (unbiased + epsilon);
  }
}
