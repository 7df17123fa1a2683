// The device report: complete as Markdown and JSON, whatever is missing, and nothing that a browser says breaks it.
import { describe, expect, it } from 'vitest';
import { toJson, toMarkdown, type CheckReport } from '../../src/state/checkReport.ts';

const report: CheckReport = {
  checkedAt: '2026-11-23T10:00:00.000Z',
  version: '0.1.0',
  environment: {
    agent: 'Chromium 156.0',
    platform: 'Linux (x86 64-bit)',
    userAgent: 'Mozilla/5.0 |\n# heading',
    cores: 8,
    memoryGib: 8,
    isolated: true,
    secure: true,
    space: { usedBytes: 12_000_000, quotaBytes: 9_000_000_000, kept: false },
  },
  device: {
    adapter: { vendor: 'acme', architecture: 'x1', device: '', description: 'Acme | X1', fallback: false },
    limits: { maxBufferSize: 268435456 },
    adapterLimits: { maxBufferSize: 4294967296 },
    features: ['subgroups'],
    wgslFeatures: [],
    kernelPlan: 'a1b2',
  },
  gate: [
    { kernel: 'matmul', maxError: 3.2e-7, tolerance: 1e-5, passed: true, ms: 12.34 },
    { kernel: 'rope', maxError: 0.5, tolerance: 1e-5, passed: false, ms: 1, problem: 'rope: no\nluck' },
  ],
  bench: [{ name: 'matmul', value: 123.456789, unit: 'GFLOP/s' }],
  problem: null,
};

describe('the report as Markdown', () => {
  const text = toMarkdown(report);
  it('says first whether the kernels are right', () => {
    expect(text).toContain('- Kernels: 1 of 2 wrong');
    expect(toMarkdown({ ...report, gate: report.gate.slice(0, 1) })).toContain('- Kernels: all 1 right');
  });
  it('holds every figure of gate, limits and bench', () => {
    expect(text).toContain('| matmul | right | 3.2e-7 | 1.0e-5 | 12.3 |  |');
    expect(text).toContain('| rope | **wrong** | 5.0e-1 | 1.0e-5 | 1.0 | rope: no luck |');
    expect(text).toContain('| maxBufferSize | 268435456 | 4294967296 |');
    expect(text).toContain('| matmul | 123.5 | GFLOP/s |');
    expect(text).toContain('12 MB used of 9000 MB, not persisted');
  });
  it('keeps what a browser wrote on its line and in its cell', () => {
    expect(text).toContain('- User agent: Mozilla/5.0 | # heading');
    const bench = [{ name: 'a|b', value: 1, unit: 'µs' as const }];
    expect(toMarkdown({ ...report, bench })).toContain('| a\\|b | 1 | µs |');
  });
  it('without WebGPU says why, and leaves out what nobody measured', () => {
    const device = { ...report.device!, adapter: null, reason: 'No WebGPU in this browser.' };
    const without = toMarkdown({ ...report, device, gate: [], bench: [], problem: 'it ended' });
    expect(without).toContain('## Adapter\n\nNo WebGPU in this browser.');
    expect(without).toContain('- Kernels: not run');
    expect(without).toContain('- Problem: it ended');
    expect(without).not.toMatch(/## (Limits|Features|Numerics gate|Bench)/);
  });
});

it('as JSON it comes back as it was', () => {
  expect(JSON.parse(toJson(report))).toEqual(report);
});
