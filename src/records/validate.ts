// Small checks for records that come from outside (files, storage, other tabs); errors name the path.

export class RecordError extends Error {
  override name = 'RecordError';
}

/** Throws `<where>: <rule>, got <actual>. <what to do>`. */
export function fail(where: string, rule: string, actual: unknown, remedy: string): never {
  const shown = typeof actual === 'string' ? JSON.stringify(actual.slice(0, 80)) : inWords(actual);
  throw new RecordError(`${where}: ${rule}, got ${shown}. ${remedy}`);
}

/** Never by a value's own toString: what comes from a file may bring one that is no function. */
function inWords(actual: unknown): string {
  if (actual === undefined) return 'nothing';
  if (Array.isArray(actual)) return 'a list';
  return typeof actual === 'object' && actual !== null ? 'an object' : String(actual);
}

export function text(value: unknown, where: string): string {
  if (typeof value !== 'string') fail(where, 'must be text', value, 'Write it between double quotes.');
  return value;
}

export function finite(value: unknown, where: string, min = -Infinity, max = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) fail(where, 'must be a number', value, 'Give a number.');
  if (value < min || value > max)
    fail(where, `must lie between ${min} and ${max}`, value, 'Choose a value in that range.');
  return value;
}

export function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail(where, 'must be an object', Array.isArray(value) ? 'a list' : value, 'Write it between braces.');
  return value as Record<string, unknown>;
}
