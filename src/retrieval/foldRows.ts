// What voy's tree cannot hold is found before it is built: equal rows, rows of other lengths, crowded axes.

/** voy's leaves hold 32 rows and are halved along one axis. Over 16 equal coordinates put rows into the wrong half and
 *  some are never found again; over 31 end in a panic (both measured). */
const MOST_EQUAL = 16;
const LEAF = 32;
/** A tree of 10,000 rows in scattered order is some 12 levels deep, one axis each; voy fills missing axes with zeros. */
const LEAST_AXES = 32;
const CHECKED_AXES = 64;
/** voy ranks by distance: that is the order of inner products only where all lengths are 1. */
const LENGTH_TOLERANCE = 1e-5;

/** Rows [n, dim] that are equal bit by bit, together, in order of their first; or why voy cannot have them. */
export function fold(rows: Float32Array, dim: number, most: number): number[][] | 'many' | 'uneven' {
  const bits = new Uint32Array(rows.buffer, rows.byteOffset, rows.length);
  const groups: number[][] = [];
  const byHash = new Map<number, number[][]>();
  for (let row = 0; row * dim < rows.length; row++) {
    let hash = 0;
    let squares = 0;
    for (let i = row * dim; i < (row + 1) * dim; i++) {
      hash = Math.imul(hash ^ (bits[i] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
      squares += (rows[i] ?? 0) ** 2;
    }
    if (!(Math.abs(squares - 1) <= LENGTH_TOLERANCE)) return 'uneven';
    const known = byHash.get(hash) ?? [];
    const group = known.find(([first = 0]) => equal(bits, first * dim, row * dim, dim));
    if (group) group.push(row);
    else {
      if (groups.length === most) return 'many';
      const fresh = [row];
      groups.push(fresh);
      byHash.set(hash, [...known, fresh]);
    }
  }
  return groups;
}

function equal(bits: Uint32Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bits[a + i] !== bits[b + i]) return false;
  return true;
}

/** Whether more rows than voy bears have the same coordinate on an axis that its tree may reach. */
export function crowded(rows: Float32Array, dim: number, groups: readonly number[][]): boolean {
  if (groups.length <= LEAF) return false; // one leaf, never halved
  if (dim < LEAST_AXES) return true;
  const column = new Float32Array(groups.length);
  for (let axis = 0; axis < Math.min(dim, CHECKED_AXES); axis++) {
    for (const [i, [first = 0]] of groups.entries()) column[i] = rows[first * dim + axis] ?? 0;
    column.sort();
    for (let i = MOST_EQUAL; i < column.length; i++) if (column[i] === column[i - MOST_EQUAL]) return true;
  }
  return false;
}
