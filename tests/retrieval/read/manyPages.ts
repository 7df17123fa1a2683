// A PDF of many pages of text, made by code: for tests of time, memory and progress.

const WORDS =
  'river stone lantern harbour winter copper valley engine garden window letter bridge market forest silver ' +
  'captain meadow thunder village candle mirror orchard pepper ribbon saddle tunnel violet walnut yellow anchor';
const LINES = 48;
const PER_LINE = 12;

/** One fact that no other page states: a question about it leads to that page. */
export const factOf = (page: number): string => `The keeper of house ${page} is called ${nameOf(page)}.`;

/** Different for every page, and a word: "Bacada". */
export function nameOf(page: number): string {
  let name = '';
  for (let rest = page; name.length < 6 || rest > 0; rest = Math.floor(rest / 16))
    name += 'bcdfghjklmnprstv'[rest % 16] + 'a';
  return name[0]?.toUpperCase() + name.slice(1);
}

/** A4 pages in Helvetica, 48 lines each: the page's fact, then sentences that differ from page to page. */
export function makePdf(pages: number): Uint8Array<ArrayBuffer> {
  const words = WORDS.split(' ');
  const objects: string[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages} /Kids [${Array.from({ length: pages }, (_, i) => `${4 + 2 * i} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  for (let page = 1; page <= pages; page++) {
    const lines = [factOf(page)];
    let at = page * 7919;
    while (lines.length < LINES) {
      const line = Array.from({ length: PER_LINE }, () => words[(at = (at * 75 + 74) % 65_537) % words.length]);
      lines.push(
        `${line.join(' ')}${lines.length % 4 === 0 ? '.' : ''}`.replace(/^./, (c) =>
          lines.length % 4 === 1 ? c.toUpperCase() : c,
        ),
      );
    }
    const content = `BT /F1 10 Tf 13 TL 60 780 Td ${lines.map((line) => `(${line}) Tj T*`).join('\n')} ET`;
    const box = '/MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>';
    objects.push(`<< /Type /Page /Parent 2 0 R ${box} /Contents ${objects.length + 2} 0 R >>`);
    objects.push(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  const parts = ['%PDF-1.7\n'];
  let length = parts[0]?.length ?? 0;
  const offsets = objects.map((object, i) => {
    const part = `${i + 1} 0 obj\n${object}\nendobj\n`;
    parts.push(part);
    length += part.length;
    return length - part.length;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`);
  parts.push(`trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`);
  return new TextEncoder().encode(parts.join(''));
}
