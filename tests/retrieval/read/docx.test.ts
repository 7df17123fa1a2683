// DOCX becomes an outline; archives that unfold without end are refused before they fill the memory.
import { describe, expect, it } from 'vitest';
import { writeZip } from '../../../src/formats/zip.ts';
import { fixture, named, reading, textOf } from './reading.ts';

const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

async function zipped(parts: Record<string, string | Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  async function* list() {
    for (const [path, data] of Object.entries(parts))
      yield { path, data: typeof data === 'string' ? new TextEncoder().encode(data) : data, deflate: true };
  }
  return new Uint8Array(await new Response(writeZip(list(), new Date('2026-01-01T00:00:00Z'))).arrayBuffer());
}

const docx = (body: string, parts: Record<string, string> = {}): Promise<Uint8Array<ArrayBuffer>> =>
  zipped({
    'word/document.xml': `<?xml version="1.0"?><w:document ${W}><w:body>${body}</w:body></w:document>`,
    ...parts,
  });

const text = async (body: string, parts?: Record<string, string>): Promise<string> =>
  (await textOf(named('a.docx', await docx(body, parts)))).text;

it('a document of Word: headings, list, table, footnote, tracked changes, hidden text', async () => {
  const { text, markdown, pages } = await textOf(named('report.docx', fixture('report.docx')));
  expect(text).toBe(
    [
      '# Velmont Energy',
      '# The company',
      'The company is based in Grenoble, in a former paper mill.',
      'The mill closed in 1971.',
      '## Équipements',
      '- Dams\n- Pumps\n- Power lines',
      'Site | Cost | Length\nHarlow dam | 58 million | 640 metres',
      'The contact is Helen Ward, first line\nsecond line.',
      '\\#1 in its market',
    ].join('\n\n'),
  );
  expect({ markdown, pages }).toEqual({ markdown: true, pages: null });
});

describe('WordprocessingML', () => {
  const p = (content: string, properties = '') => `<w:p><w:pPr>${properties}</w:pPr><w:r>${content}</w:r></w:p>`;

  it('levels come from styles, through what they are based on, and from the paragraph itself', async () => {
    const styles = `<w:styles ${W}>
      <w:style w:styleId="Titre2"><w:name w:val="heading 2"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
      <w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="Titre2"/></w:style>
      <w:style w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style></w:styles>`;
    const body =
      p('<w:t>A</w:t>', '<w:pStyle w:val="Mine"/>') +
      p('<w:t>B</w:t>', '<w:outlineLvl w:val="3"/>') +
      p('<w:t>C</w:t>', '<w:pStyle w:val="Loop"/>') +
      p('<w:t>D</w:t>', '<w:pStyle w:val="Mine"/><w:outlineLvl w:val="9"/>');
    expect(await text(body, { 'word/styles.xml': styles })).toBe('## A\n\n#### B\n\nC\n\nD');
  });

  it('a deleted paragraph end joins two paragraphs; a deleted row is gone; the copy of a text box is read once', async () => {
    const mark = '<w:rPr><w:del w:id="1"/></w:rPr>';
    const row = (cell: string, properties = '') =>
      `<w:tr><w:trPr>${properties}</w:trPr><w:tc>${p(`<w:t>${cell}</w:t>`)}</w:tc></w:tr>`;
    const box = `<mc:AlternateContent><mc:Choice><w:txbxContent>${p('<w:t>box</w:t>')}</w:txbxContent></mc:Choice>
      <mc:Fallback><w:txbxContent>${p('<w:t>box</w:t>')}</w:txbxContent></mc:Fallback></mc:AlternateContent>`;
    const body =
      p('<w:t xml:space="preserve">one </w:t>', mark) +
      p('<w:t>two</w:t>') +
      `<w:tbl>${row('kept')}${row('lost', '<w:del w:id="2"/>')}</w:tbl>` +
      p(`<w:t>after</w:t>${box}`);
    expect(await text(body)).toBe('one two\n\nkept\n\nbox\n\nafter');
  });

  it('entities of a hostile document type are not unfolded', async () => {
    const bomb = '<!DOCTYPE a [<!ENTITY x "yyyyyyyyyy"><!ENTITY z "&x;&x;&x;">]>';
    const bytes = await zipped({
      'word/document.xml': `${bomb}<w:document ${W}>${p('<w:t>&z; end</w:t>')}</w:document>`,
    });
    expect((await textOf(named('a.docx', bytes))).text).not.toContain('yyy');
  });
});

describe('what is refused', () => {
  it('a part that unfolds to hundreds of times the file', async () => {
    const bytes = await docx('<w:p><w:r><w:t>a</w:t></w:r></w:p>'.repeat(200_000));
    expect(bytes.length).toBeLessThan(50_000);
    expect(await reading(named('a.docx', bytes))).toEqual({ problem: 'bomb', detail: '' });
  });

  it('also where its headers promise a few bytes', async () => {
    const bytes = await docx('<w:p><w:r><w:t>a</w:t></w:r></w:p>'.repeat(200_000));
    const view = new DataView(bytes.buffer);
    for (let i = 0; i + 46 < bytes.length; i++)
      if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 1000, true); // its uncompressed size
    expect(await reading(named('a.docx', bytes))).toMatchObject({ problem: expect.stringMatching(/bomb|broken/) });
  });

  it('a bomb beside the text is not unfolded at all', async () => {
    const bytes = await docx('<w:p><w:r><w:t>fine</w:t></w:r></w:p>', {
      'word/media/image1.png': ' '.repeat(5_000_000),
    });
    expect((await textOf(named('a.docx', bytes))).text).toBe('fine');
  });

  it('a password, an old .doc, another kind of zip, a cut file', async () => {
    const ole = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    const locked = Uint8Array.from([...ole, ...[...'EncryptedPackage'].flatMap((c) => [c.charCodeAt(0), 0])]);
    expect(await reading(named('a.docx', locked))).toEqual({ problem: 'encrypted', detail: '' });
    expect(await reading(named('a.docx', Uint8Array.from([...ole, 1, 2, 3])))).toEqual({ problem: 'type', detail: '' });
    expect(await reading(named('a.docx', await zipped({ 'a.txt': 'a' })))).toEqual({ problem: 'type', detail: '' });
    const cut = fixture('report.docx').slice(0, 20_000);
    expect(await reading(named('a.docx', cut))).toMatchObject({ problem: 'broken' });
  });
});
