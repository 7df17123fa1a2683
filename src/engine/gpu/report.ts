// What this device is: adapter, limits asked and offered, features, and the hash of all kernels that would run on it.
import type { DeviceReport } from '../../records/report.ts';
import type { Gpu } from './device.ts';
import { fnv1a } from '../../formats/hash.ts';
import { tileTable } from './tune.ts';

const sources = import.meta.glob<string>('../../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });

/** Limits that decide what the engine can do. */
const LIMITS = [
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'minStorageBufferOffsetAlignment',
] as const;

const pick = (limits: GPUSupportedLimits): Record<string, number> =>
  Object.fromEntries(LIMITS.map((name) => [name, limits[name]]));

/** Hash of every shader's text and of the tiles that this adapter uses. */
export const kernelPlan = (gpu: Gpu): string =>
  fnv1a(
    [
      ...Object.keys(sources)
        .sort()
        .map((path) => sources[path]),
      JSON.stringify(tileTable(gpu)),
    ].join('\n'),
  );

export function deviceReport(gpu: Gpu, wgslFeatures: Iterable<string> = []): DeviceReport {
  const { vendor, architecture, device, description } = gpu.adapter.info;
  return {
    adapter: { vendor, architecture, device, description, fallback: gpu.adapter.info.isFallbackAdapter },
    limits: pick(gpu.device.limits),
    adapterLimits: pick(gpu.adapter.limits),
    features: [...gpu.adapter.features].sort(),
    wgslFeatures: [...wgslFeatures].sort(),
    kernelPlan: kernelPlan(gpu),
  };
}

export const missingReport = (reason: string): DeviceReport => ({
  adapter: null,
  reason,
  limits: {},
  adapterLimits: {},
  features: [],
  wgslFeatures: [],
  kernelPlan: '',
});
