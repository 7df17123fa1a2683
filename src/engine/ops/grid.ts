// Folds one long row of workgroups into two dimensions, because a dimension holds at most 65535.

const LIMIT = 65535;

/** Workgroups for `items`, `perGroup` each. The shader counts `(group.y · groups.x + group.x) · perGroup + local`. */
export function grid(items: number, perGroup = 64): [x: number, y: number] {
  const groups = Math.ceil(items / perGroup);
  const y = Math.ceil(groups / LIMIT);
  return [Math.ceil(groups / y), y];
}
