// What makes two judgements the same, which of two comes later, and the names of what is made of texts.
import type { Judgement } from '../records/feedback.ts';

/** Oldest first; equal times by id. Whatever is counted in this order does not depend on the order of files and lines. */
export function byTime(a: Judgement, b: Judgement): number {
  return order(a.timestamp, b.timestamp) || order(a.id, b.id);
}

export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Equal as JSON, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    !Array.isArray(b) &&
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
  );
}

/** JSON with its keys in order: decides between two versions of one second. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).sort(([a], [b]) => order(a, b));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join()}}`;
}

/** 64 bits of the texts as 16 hex digits, over UTF-16 and in two lanes of 32: a hundred thousand rows are named in a
 *  quarter of a second. Every text ends with its length, so that what moves over a border changes the name. */
export function nameOf(...texts: readonly string[]): string {
  let a = 0x811c9dc5; // FNV-1a
  let b = 0x9e3779b9;
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul((b ^ unit) + (b >>> 15), 0x85ebca6b);
    }
    a = Math.imul(a ^ text.length ^ 0x10000, 0x01000193);
    b = Math.imul((b ^ text.length) + 0x10000, 0xc2b2ae35);
  }
  return mixed(a ^ (b >>> 11)) + mixed(b ^ (a >>> 7));
}

/** The last letters reach every bit. */
function mixed(bits: number): string {
  let x = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
