// What the device page shows and copies: adapter, limits, features, the numerics gate and a short bench.

export interface DeviceReport {
  /** null where WebGPU is missing; `reason` then says what would help. */
  adapter: { vendor: string; architecture: string; device: string; description: string; fallback: boolean } | null;
  reason?: string;
  /** Only the limits that the engine looks at, as granted to our device. */
  limits: Record<string, number>;
  /** As offered by the adapter. */
  adapterLimits: Record<string, number>;
  features: string[];
  wgslFeatures: string[];
  /** Hash of all shaders and of the tiles chosen for this adapter; "" without one. */
  kernelPlan: string;
}

export interface GateResult {
  kernel: string;
  /** Largest |ours − expected| over the case, relative to the largest |expected|. */
  maxError: number;
  tolerance: number;
  passed: boolean;
  ms: number;
  /** The error's own sentence when the kernel did not even run. */
  problem?: string;
}

export interface BenchResult {
  name: string;
  value: number;
  unit: 'GFLOP/s' | 'GB/s' | 'µs' | 'tokens/s';
}
