// The device report as Markdown and as JSON. Always in English: it is written to be pasted. Pure.
import type { BenchResult, DeviceReport, GateResult } from '../records/report.ts';
import type { Environment } from './environment.ts';

export interface CheckReport {
  /** UTC, ISO 8601. */
  checkedAt: string;
  version: string;
  environment: Environment;
  device: DeviceReport | null;
  gate: GateResult[];
  bench: BenchResult[];
  /** What ended the check early. */
  problem: string | null;
}

export const toJson = (report: CheckReport): string => JSON.stringify(report, null, 2);

export function toMarkdown({ checkedAt, version, environment, device, gate, bench, problem }: CheckReport): string {
  const failed = gate.filter((result) => !result.passed);
  const verdict =
    gate.length === 0
      ? 'not run'
      : failed.length === 0
        ? `all ${gate.length} right`
        : `${failed.length} of ${gate.length} wrong`;
  return [
    '# Atelier device report',
    list({
      Checked: checkedAt,
      Version: version,
      Kernels: verdict,
      'Kernel plan': device?.kernelPlan,
      Problem: problem ?? undefined,
    }),
    '## Browser',
    list({
      Name: environment.agent ?? undefined,
      System: environment.platform,
      'User agent': environment.userAgent,
      Cores: environment.cores,
      Memory: environment.memoryGib === null ? 'not told' : `${environment.memoryGib} GiB (rounded by the browser)`,
      'Cross-origin isolated': yesNo(environment.isolated),
      'Secure context': yesNo(environment.secure),
      Storage: environment.space
        ? `${megabytes(environment.space.usedBytes)} used of ${megabytes(environment.space.quotaBytes)}, ${environment.space.kept ? 'persisted' : 'not persisted'}`
        : 'refused',
    }),
    '## Adapter',
    adapter(device),
    ...(device?.adapter
      ? [
          '## Limits',
          table(
            ['limit', 'ours', 'offered'],
            Object.keys(device.adapterLimits).map((name) => [
              name,
              device.limits[name] ?? '',
              device.adapterLimits[name] ?? '',
            ]),
          ),
          '## Features',
          device.features.join(', ') || 'none',
          '## WGSL language features',
          device.wgslFeatures.join(', ') || 'none',
        ]
      : []),
    ...(gate.length > 0
      ? [
          '## Numerics gate',
          table(
            ['kernel', 'result', 'max error', 'tolerance', 'ms', 'problem'],
            gate.map((r) => [
              r.kernel,
              r.passed ? 'right' : '**wrong**',
              r.maxError.toExponential(1),
              r.tolerance.toExponential(1),
              r.ms.toFixed(1),
              r.problem ?? '',
            ]),
          ),
        ]
      : []),
    ...(bench.length > 0
      ? [
          '## Bench',
          table(
            ['what', 'value', 'unit'],
            bench.map((b) => [b.name, Number(b.value.toPrecision(4)), b.unit]),
          ),
        ]
      : []),
    '',
  ].join('\n\n');
}

function adapter(device: DeviceReport | null): string {
  if (!device?.adapter) return device?.reason ?? 'none';
  const { vendor, architecture, device: name, description, fallback } = device.adapter;
  return list({
    Vendor: vendor,
    Architecture: architecture,
    Device: name,
    Description: description,
    'Software adapter': yesNo(fallback),
  });
}

/** Lines without a value are left out; what a browser wrote cannot break the layout. */
const list = (facts: Record<string, string | number | undefined>): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `- ${name}: ${oneLine(value)}`)
    .join('\n');

const table = (head: string[], rows: (string | number | undefined)[][]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

const oneLine = (value: string | number | undefined): string =>
  String(value ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim();
const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
