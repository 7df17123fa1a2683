// What the gate expects is what the f64 oracles give, every shader has a case, and an error of one number shows.
import { readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checksum, gateError, sampleIndices, type GateExpected } from '../../src/engine/gpu/gate.ts';
import { GATE_CASES } from '../../src/engine/gpu/gateCases.ts';
import stored from '../../src/engine/gpu/gateExpected.json';
import { gateExpected } from '../../tools/goldens/gate.ts';

if (process.env.UPDATE_GATE) {
  const all = Object.fromEntries(GATE_CASES.map((one) => [one.name, gateExpected(one)]));
  const text = JSON.stringify(all, null, 1).replaceAll(
    /\[\s+([-\d.e,\s]+?)\s+\]/g,
    (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`,
  );
  writeFileSync('src/engine/gpu/gateExpected.json', `${text}\n`);
}

it.each(GATE_CASES)('$name: the stored numbers are the oracle’s', (one) => {
  const kept: GateExpected[] = (stored as Record<string, GateExpected[]>)[one.name] ?? [];
  const made = gateExpected(one);
  expect(kept.length).toBe(made.length);
  made.forEach((output, i) => {
    expect(kept[i]?.length).toBe(output.length);
    const numbers = (x?: GateExpected): number[] => [x?.scale ?? NaN, x?.checksum ?? NaN, ...(x?.values ?? [])];
    numbers(output).forEach((x, j) => expect(numbers(kept[i])[j]).toBeCloseTo(x, 6));
  });
});

it('stores nothing for cases that are gone, and names each case once', () => {
  expect(Object.keys(stored).sort()).toEqual(GATE_CASES.map((one) => one.name).sort());
});

it('every shader has a case', () => {
  const named = GATE_CASES.flatMap((one) => one.name.match(/\w+/g) ?? []);
  const stems = readdirSync('shaders')
    .filter((f) => f.endsWith('.wgsl') && f !== 'common.wgsl')
    .map((f) => f.slice(0, -5));
  expect(stems.filter((stem) => !named.includes(stem))).toEqual([]);
});

describe('gateError', () => {
  const right = Float32Array.from({ length: 400 }, (_, i) => Math.sin(i));
  const expected: GateExpected = {
    length: 400,
    scale: 1,
    values: sampleIndices(400).map((i) => right[i]!),
    checksum: checksum(right),
  };
  it('is about nothing for the right numbers', () => {
    expect(gateError(right, expected)).toBeLessThan(1e-6);
  });
  it('shows one wrong number wherever it lies, exchanged neighbours, NaN and a wrong length', () => {
    for (let i = 0; i < 400; i++)
      expect(
        gateError(
          right.map((x, j) => (i === j ? x + 0.05 : x)),
          expected,
        ),
      ).toBeGreaterThan(4e-4);
    const swapped = right.slice();
    [swapped[101], swapped[102]] = [right[102]!, right[101]!];
    expect(gateError(swapped, expected)).toBeGreaterThan(4e-4);
    for (const bad of [Number.NaN, Infinity]) {
      for (const at of [0, 5, 399])
        expect(
          gateError(
            right.map((x, j) => (at === j ? bad : x)),
            expected,
          ),
        ).toBe(Infinity);
    }
    expect(gateError(right.slice(1), expected)).toBe(Infinity);
    expect(gateError(new Float32Array(400), expected)).toBeGreaterThan(0.1);
  });
});
