// Bytes to characters: byte order mark, strict UTF-8, what the file declares, else what its bytes look like.
import { analyse } from 'chardet';
import { Unread } from './job.ts';

const MARKS: [encoding: string, mark: number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const SAMPLE = 65_536;

/** The characters of `bytes`; throws where they are no text. `declared` is a label found in the file itself. */
export function decode(bytes: Uint8Array, declared?: string): string {
  const marked = MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte))?.[0];
  if (marked) return new TextDecoder(marked).decode(bytes);
  const wide = withoutMark(bytes);
  if (wide) return new TextDecoder(wide).decode(bytes);
  const sample = bytes.subarray(0, SAMPLE);
  if (hasControls(sample)) throw new Unread('binary');
  const escapes = sample.includes(0x1b); // ISO-2022-JP and its kin are ASCII with escapes, and would pass for UTF-8
  if (!escapes && isUtf8(bytes)) return new TextDecoder().decode(bytes);
  for (const label of [declared, ...guesses(sample, escapes), 'utf-8']) {
    const decoder = label === undefined ? null : decoderOf(label);
    if (decoder) return decoder.decode(bytes);
  }
  throw new Unread('binary');
}

/** UTF-16 whose mark was lost: every other byte of western text is zero. */
function withoutMark(bytes: Uint8Array): string | null {
  const pairs = Math.min(bytes.length, 4096) >> 1;
  if (pairs < 2) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs; i++) {
    if (bytes[2 * i] === 0) even++;
    if (bytes[2 * i + 1] === 0) odd++;
  }
  if (odd > 0.6 * pairs && even < 0.05 * pairs) return 'utf-16le';
  if (even > 0.6 * pairs && odd < 0.05 * pairs) return 'utf-16be';
  return null;
}

/** Text holds no control characters but tab, line ends, form feed and escape. */
function hasControls(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32));
}

/** A last character that is cut off does not count: the file may be the beginning of a longer one. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Latin letters are told apart by few bytes: short of strong evidence it is the encoding of western Windows. */
function guesses(sample: Uint8Array, escapes: boolean): string[] {
  const found = analyse(sample).filter(({ name }) => !name.startsWith('UTF-16') && !name.startsWith('UTF-32'));
  if (escapes) return found.filter(({ name }) => name.startsWith('ISO-2022')).map(({ name }) => name);
  const best = found[0];
  const western = found.find(({ name }) => name === 'ISO-8859-1' || name === 'windows-1252');
  const surely = best && (best.confidence >= 50 || !western) && best.confidence > (western?.confidence ?? 0) + 5;
  return [...(surely ? [best.name] : []), 'windows-1252'];
}

function decoderOf(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null; // a name that the platform does not know
  }
}
