// The memory plan of a program: which temporary lives where. Pure: no GPU here.
//
// 1. Arenas. A buffer bound for reading may not also be bound for writing in one dispatch, even on disjoint ranges, so
//    tensors are coloured: what a dispatch writes never shares an arena with what it reads.
// 2. Offsets. Inside an arena, tensors whose lifetimes overlap must not overlap in memory: largest first, lowest fit.

export interface PlanTensor {
  bytes: number;
  /** Dispatch indices of the first and last use, inclusive. */
  first: number;
  last: number;
}

export interface PlanDispatch {
  reads: readonly number[]; // indices into the tensors
  writes: readonly number[];
}

export interface MemoryPlan {
  /** Bytes of each arena. */
  arenas: number[];
  /** Arena and byte offset of each tensor. */
  places: { arena: number; offset: number }[];
  /** Sum of the arenas. */
  bytes: number;
}

const ALIGN = 256;
const align = (n: number): number => Math.ceil(n / ALIGN) * ALIGN;

/** Throws in words when one tensor alone exceeds `maxArena` bytes. */
export function planMemory(
  tensors: readonly PlanTensor[],
  dispatches: readonly PlanDispatch[],
  maxArena: number,
): MemoryPlan {
  const enemies = tensors.map(() => new Set<number>());
  for (const { reads, writes } of dispatches)
    for (const w of writes)
      for (const r of reads)
        if (r !== w) {
          enemies[w]?.add(r);
          enemies[r]?.add(w);
        }

  const places = tensors.map(() => ({ arena: -1, offset: 0 }));
  const residents: number[][] = []; // tensors of each arena
  const arenas: number[] = [];
  const order = tensors.map((_, i) => i).sort((a, b) => bytesOf(b) - bytesOf(a) || a - b);

  function bytesOf(i: number): number {
    return align(tensors[i]?.bytes ?? 0);
  }

  /** Lowest offset in the arena that is free for the whole life of tensor `i`. */
  function lowestFit(i: number, members: readonly number[]): number {
    const me = tensors[i];
    const busy = members
      .filter((m) => {
        const other = tensors[m];
        return me && other && me.first <= other.last && other.first <= me.last;
      })
      .map((m) => ({ from: places[m]?.offset ?? 0, to: (places[m]?.offset ?? 0) + bytesOf(m) }))
      .sort((a, b) => a.from - b.from);
    let offset = 0;
    for (const { from, to } of busy) {
      if (offset + bytesOf(i) <= from) break;
      offset = Math.max(offset, to);
    }
    return offset;
  }

  for (const i of order) {
    if (bytesOf(i) > maxArena)
      throw new RangeError(
        `memory plan: one tensor may take at most ${maxArena} bytes on this adapter, got ${bytesOf(i)}. ` +
          'Use a shorter context or a smaller batch.',
      );
    // Of the arenas without an enemy, the one that grows least.
    let best = { arena: -1, offset: 0, growth: Infinity };
    residents.forEach((members, arena) => {
      if (members.some((m) => enemies[i]?.has(m))) return;
      const offset = lowestFit(i, members);
      const end = offset + bytesOf(i);
      const growth = Math.max(0, end - (arenas[arena] ?? 0));
      if (end <= maxArena && growth < best.growth) best = { arena, offset, growth };
    });
    if (best.arena < 0) {
      best = { arena: residents.length, offset: 0, growth: bytesOf(i) };
      residents.push([]);
      arenas.push(0);
    }
    residents[best.arena]?.push(i);
    arenas[best.arena] = Math.max(arenas[best.arena] ?? 0, best.offset + bytesOf(i));
    places[i] = { arena: best.arena, offset: best.offset };
  }
  return { arenas, places, bytes: arenas.reduce((a, b) => a + b, 0) };
}
