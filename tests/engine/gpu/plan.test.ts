// Memory plans are safe for any program: no overlap in time and space, no arena read and written at once.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planMemory, type PlanDispatch, type PlanTensor } from '../../../src/engine/gpu/plan.ts';

/** A random straight-line program: each dispatch reads some earlier tensors and writes one or two new ones. */
const programs = fc
  .array(
    fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 2 }),
      picks: fc.array(fc.nat(), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((steps) => {
    const tensors: PlanTensor[] = [];
    const dispatches: PlanDispatch[] = [];
    steps.forEach(({ sizes, picks }, step) => {
      const reads = tensors.length ? [...new Set(picks.map((p) => p % tensors.length))] : [];
      for (const r of reads) (tensors[r] as PlanTensor).last = step;
      const writes = sizes.map((bytes) => tensors.push({ bytes, first: step, last: step }) - 1);
      dispatches.push({ reads, writes });
    });
    return { tensors, dispatches };
  });

/** Throws when the plan would let two live tensors share a byte, or a dispatch read and write one arena. */
function verify(tensors: PlanTensor[], dispatches: PlanDispatch[], places: { arena: number; offset: number }[]): void {
  tensors.forEach((a, i) =>
    tensors.slice(0, i).forEach((b, j) => {
      const [p, q] = [places[i], places[j]];
      if (!p || !q || p.arena !== q.arena || a.first > b.last || b.first > a.last) return;
      if (p.offset < q.offset + b.bytes && q.offset < p.offset + a.bytes) throw new Error(`${i} and ${j} overlap`);
    }),
  );
  for (const { reads, writes } of dispatches)
    for (const r of reads)
      for (const w of writes)
        if (places[r]?.arena === places[w]?.arena) throw new Error(`arena shared by ${r} and ${w}`);
}

it('never overlaps live tensors and never reads and writes one arena in a dispatch', () => {
  fc.assert(
    fc.property(programs, ({ tensors, dispatches }) => {
      const plan = planMemory(tensors, dispatches, 1 << 20);
      verify(tensors, dispatches, plan.places);
      plan.places.forEach((p, i) => {
        expect(p.offset % 256).toBe(0);
        expect(p.offset + (tensors[i]?.bytes ?? 0)).toBeLessThanOrEqual(plan.arenas[p.arena] ?? 0);
      });
    }),
    { numRuns: 300, seed: 1 },
  );
});

it('is deterministic and respects the arena limit', () => {
  fc.assert(
    fc.property(programs, ({ tensors, dispatches }) => {
      const plan = planMemory(tensors, dispatches, 5120);
      expect(plan).toEqual(planMemory(tensors, dispatches, 5120));
      expect(Math.max(...plan.arenas)).toBeLessThanOrEqual(5120);
    }),
    { numRuns: 100, seed: 2 },
  );
});

it('reuses memory: a long chain of equal tensors needs three places, not one each', () => {
  const tensors = Array.from({ length: 50 }, (_, i) => ({ bytes: 1024, first: i, last: Math.min(49, i + 1) }));
  const dispatches = tensors.map((_, i) => ({ reads: i ? [i - 1] : [], writes: [i] }));
  expect(planMemory(tensors, dispatches, 1 << 20).bytes).toBeLessThanOrEqual(3 * 1024);
});

it('the check itself sees an overlap', () => {
  const tensors = [
    { bytes: 512, first: 0, last: 1 },
    { bytes: 512, first: 1, last: 1 },
  ];
  const overlapping = [
    { arena: 0, offset: 0 },
    { arena: 0, offset: 256 },
  ];
  expect(() => verify(tensors, [], overlapping)).toThrow('overlap');
  expect(() =>
    verify(
      tensors,
      [{ reads: [0], writes: [1] }],
      [
        { arena: 0, offset: 0 },
        { arena: 0, offset: 512 },
      ],
    ),
  ).toThrow('shared');
});

it('refuses in words a tensor that no arena can hold', () => {
  expect(() => planMemory([{ bytes: 4096, first: 0, last: 0 }], [], 1024)).toThrow('shorter context');
});
