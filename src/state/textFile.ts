// Reads bytes as text, or says why they are none. Pure.

export const MAX_DOCUMENT_BYTES = 20_000_000;

export type Unreadable = 'type' | 'empty' | 'binary' | 'tooLarge';
export type ReadText = { text: string } | { problem: Unreadable };

const BYTE_ORDER_MARKS: [encoding: string, mark: number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

export const isTextName = (name: string): boolean => /\.(txt|md|markdown|text)$/i.test(name);

export function readText(bytes: Uint8Array): ReadText {
  if (bytes.length > MAX_DOCUMENT_BYTES) return { problem: 'tooLarge' };
  const text = decode(bytes);
  if (text === null) return { problem: 'binary' };
  return text.trim() === '' ? { problem: 'empty' } : { text: clean(text) };
}

/** One way to write line ends and accents, so that offsets and hashes mean the same everywhere. */
export const clean = (text: string): string => text.replace(/\r\n?/g, '\n').normalize('NFC');

function decode(bytes: Uint8Array): string | null {
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte))?.[0];
  if (marked) return new TextDecoder(marked).decode(bytes);
  if (hasControls(bytes)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes); // text, but from an old editor
  }
}

/** Text holds no control characters but tab, line ends, form feed and escape. */
function hasControls(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 65_536).some((b) => b < 9 || (b > 13 && b < 27) || (b > 27 && b < 32));
}
