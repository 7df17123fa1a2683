// Bytes become the characters that their author saw, whatever the encoding; what is no text is refused.
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/retrieval/read/encoding.ts';
import { named, reading, textOf } from './reading.ts';

const FRENCH = 'L’été dernier, la société a réservé 58 millions d’euros à l’œuvre du barrage, près de Besançon.';

/** Each character to one byte; `table` holds those above 127. */
const oneByte = (text: string, table: Record<string, number>): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => table[character] ?? character.charCodeAt(0));

const utf16 = (text: string, little: boolean, mark: boolean): Uint8Array<ArrayBuffer> => {
  const units = [...(mark ? '\ufeff' : ''), ...text].map((character) => character.charCodeAt(0));
  return Uint8Array.from(units.flatMap((unit) => (little ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])));
};

/** Windows-1251: А…я are 0xC0…0xFF. */
const cyrillic = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code >= 0x410 && code <= 0x44f ? code - 0x410 + 0xc0 : code;
  });

describe('decode', () => {
  it.each([
    ['UTF-8', new TextEncoder().encode(FRENCH)],
    ['UTF-8 with a byte order mark', new TextEncoder().encode(`\ufeff${FRENCH}`)],
    ['UTF-16 LE', utf16(FRENCH, true, true)],
    ['UTF-16 BE', utf16(FRENCH, false, true)],
    ['UTF-16 LE without its mark', utf16(FRENCH, true, false)],
    ['UTF-16 BE without its mark', utf16(FRENCH, false, false)],
  ])('%s', (_name, bytes) => expect(decode(bytes)).toBe(FRENCH));

  // Node 20 reads windows-1252 as latin-1; its quotes and its euro are tested in the browser.
  it('latin-1, in one short line', () => {
    expect(decode(oneByte('Café fermé à Noël', {}))).toBe('Café fermé à Noël');
  });

  it('windows-1251', () => {
    const text = 'Компания была основана в городе у реки и занимает две тысячи человек, которые работают на плотинах.';
    expect(decode(cyrillic(text))).toBe(text);
  });

  it('Shift_JIS', () => {
    // 日本語の文章です。この会社は水力発電所を運営している。
    const hex =
      '93fa967b8cea82cc95b68fcd82c582b7814282b182cc89ef8ed082cd9085974c93ad9364 8f8a82f0895e896382b582c482a282e98142'
        .replaceAll(' ', '')
        .match(/../g);
    const text = decode(Uint8Array.from(hex ?? [], (pair) => parseInt(pair, 16)));
    expect(text).toContain('日本語の文章です。この会社は');
  });

  it('UTF-8 that was cut in the middle of a character stays UTF-8', () => {
    const cut = new TextEncoder().encode('déjà').subarray(0, -1);
    expect(decode(cut)).toMatch(/^déj/);
  });

  it('one broken byte in much UTF-8 does not turn all of it into another encoding', () => {
    const bytes = new TextEncoder().encode('é'.repeat(500));
    bytes[101] = 0x20;
    expect(decode(bytes).match(/é/g)?.length).toBeGreaterThan(490);
  });

  it('the encoding that a page declares', async () => {
    const source = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2"><p>Zażółć gęślą jaźń';
    const latin2 = { ż: 0xbf, ó: 0xf3, ł: 0xb3, ć: 0xe6, ę: 0xea, ś: 0xb6, ą: 0xb1, ź: 0xbc, ń: 0xf1 };
    expect((await textOf(named('a.html', oneByte(source, latin2)))).text).toBe('Zażółć gęślą jaźń');
  });
});

it('bytes that are no text are refused, whatever their name', async () => {
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 1, 2, 3]);
  for (const name of ['a.txt', 'a.md', 'a.html', 'a.csv', 'a.json', 'a.jsonl'])
    expect(await reading(named(name, png)), name).toEqual({ problem: 'binary', detail: '' });
});

it('line ends become \\n, accents are composed, halves of characters and controls are dropped', async () => {
  const { text } = await textOf(named('a.txt', 'one\r\ntwo\rcafe\u0301\u000b'));
  expect(text).toBe('one\ntwo\ncafé');
});
