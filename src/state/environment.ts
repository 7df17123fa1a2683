// What the browser says about itself, for the device report: nothing of the person's, nothing of their projects.
import { measureSpace, type Space } from '../storage/space.ts';

export interface Environment {
  /** "Chromium 140.0.7339.80", or null where the browser has no short name for itself. */
  agent: string | null;
  platform: string;
  userAgent: string;
  cores: number;
  /** Rounded by the browser; null when it does not say. */
  memoryGib: number | null;
  isolated: boolean;
  secure: boolean;
  /** null where storage is refused (private windows of some browsers). */
  space: Space | null;
}

interface Brand {
  brand: string;
  version: string;
}
/** Chromium's client hints, which TypeScript's DOM library does not know yet. */
interface AgentData {
  brands: Brand[];
  platform: string;
  getHighEntropyValues(hints: string[]): Promise<{
    fullVersionList?: Brand[];
    platformVersion?: string;
    architecture?: string;
    bitness?: string;
  }>;
}
interface Hints {
  userAgentData?: AgentData;
  deviceMemory?: number;
}

export async function readEnvironment(): Promise<Environment> {
  const { userAgentData: data, deviceMemory } = navigator as Navigator & Hints;
  const more = await data
    ?.getHighEntropyValues(['fullVersionList', 'platformVersion', 'architecture', 'bitness'])
    .catch(() => null);
  const brands = (more?.fullVersionList ?? data?.brands ?? []).filter(({ brand }) => !/not.*brand/i.test(brand));
  const bits = [more?.architecture, more?.bitness && `${more.bitness}-bit`].filter(Boolean).join(' ');
  const platform = [data?.platform ?? navigator.platform, more?.platformVersion, bits && `(${bits})`];
  return {
    agent: brands.map(({ brand, version }) => `${brand} ${version}`).join(', ') || null,
    platform: platform.filter(Boolean).join(' '),
    userAgent: navigator.userAgent,
    cores: navigator.hardwareConcurrency,
    memoryGib: deviceMemory ?? null,
    isolated: crossOriginIsolated,
    secure: isSecureContext,
    space: await measureSpace().catch(() => null),
  };
}
