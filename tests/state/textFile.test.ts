// Text is recognised whatever editor wrote it, and what is no text is refused.
import { expect, test } from 'vitest';
import { isTextName, MAX_DOCUMENT_BYTES, readText } from '../../src/state/textFile.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ['UTF-8', utf8('Ça va : 3 €\n'), 'Ça va : 3 €\n'],
  ['UTF-8 with a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x61]), 'a'],
  ['UTF-16, little endian', new Uint8Array([0xff, 0xfe, 0xe9, 0x00]), 'é'],
  ['UTF-16, big endian', new Uint8Array([0xfe, 0xff, 0x00, 0xe9]), 'é'],
  ['Windows-1252', new Uint8Array([0x64, 0xe9, 0x6a, 0xe0]), 'déjà'],
  ['line ends of Windows and old Macs', utf8('a\r\nb\rc'), 'a\nb\nc'],
  ['accents in two parts', utf8('e\u0301'), 'é'],
])('%s is read', (_what, bytes, text) => {
  expect(readText(bytes)).toEqual({ text });
});

test.each([
  ['empty', new Uint8Array(0)],
  ['empty', utf8(' \n\t ')],
  ['binary', new Uint8Array([0x25, 0x50, 0x44, 0x46, 0x00, 0x01])],
  ['binary', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['tooLarge', new Uint8Array(MAX_DOCUMENT_BYTES + 1)],
])('%s is refused (%#)', (problem, bytes) => {
  expect(readText(bytes)).toEqual({ problem });
});

test('names of text files', () => {
  expect(['a.txt', 'b.MD', 'c.markdown', 'd.text'].every(isTextName)).toBe(true);
  expect(['a.pdf', 'b', 'txt', 'c.md.docx'].some(isTextName)).toBe(false);
});
