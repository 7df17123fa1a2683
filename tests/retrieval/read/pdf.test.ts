// PDF: reading order, pages and headings of files that other programs wrote; what cannot be read says why.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageAt } from '../../../src/records/document.ts';
import { fixture, named, reading, serveSite, textOf } from './reading.ts';
import { factOf, makePdf } from './manyPages.ts';

let site: Awaited<ReturnType<typeof serveSite>>;
beforeAll(async () => {
  site = await serveSite();
});
afterAll(() => site.close());

const pdf = (name: string) => textOf(named(name, fixture(name)), site.siteUrl);

describe('a report of four pages', () => {
  it('headings, paragraphs, items and accents; no header, no page number', async () => {
    const { text, markdown } = await pdf('report.pdf');
    expect(markdown).toBe(true);
    expect(text.split('\n\n').slice(0, 6)).toEqual([
      '# Velmont Energy: annual report',
      '# The company',
      'Velmont Energy was founded in 1987. The company is based in Grenoble.',
      'L’été dernier, la société a réservé 58 millions d’euros à l’œuvre du barrage.',
      '\\#1 in its market, it employs 2,340 people.',
      '# A difficult year',
    ]);
    expect(text).toContain('\n\n- Dams and lakes\n- Pumps\n- Power lines in the valley\n\n');
    expect(text).not.toMatch(/internal|Page \d/);
  });

  it('each page begins at its first words', async () => {
    const { text, pages, emptyPages } = await pdf('report.pdf');
    const firsts = pages?.map((start) => text.slice(start, start + 18));
    expect(firsts).toEqual(
      ['# Velmont Energy: ', '# A difficult year', '# Suppliers\n\nThe m', '# What comes next\n'].map((t) =>
        t.slice(0, 18),
      ),
    );
    expect(emptyPages).toEqual([]);
    expect(pageAt(pages, text.indexOf('Nordal Steel'))).toBe(3);
  });

  it('reads the same where the fonts of the site are out of reach', async () => {
    const without = await textOf(named('report.pdf', fixture('report.pdf')));
    expect(without).toEqual(await pdf('report.pdf'));
  });
});

describe('two columns under one title', () => {
  it('each column to its end; divided words are whole, compounds keep their hyphen', async () => {
    const { text } = await pdf('columns.pdf');
    const [title, left, right] = text.split('\n\n');
    expect(title).toBe('# Water and light: a study of two projects in one valley');
    expect(left).toBe(
      'The Harlow dam was designed by Karim Weber, who had worked on river transport before. Its construction took ' +
        'three years and cost 58 million euros in all. The well-known engineer visited the site every week, as the ' +
        'well-known custom of the valley asks.',
    );
    expect(right).toMatch(/^In the right column stands another matter: the Lantern project\./);
  });

  it('a sentence goes on over the page, which begins inside of it', async () => {
    const { text, pages } = await pdf('columns.pdf');
    expect(text).toContain('its contract with the city of Rotterdam was still being written when');
    expect(text.slice(pages?.[1], (pages?.[1] ?? 0) + 9)).toBe('was still');
  });
});

it('what Chromium prints: headings of two levels, lists, pages', async () => {
  const { text, pages } = await pdf('printed.pdf');
  expect(text).toContain('# Rapport de la vallée\n\nLe barrage de Harlow a été conçu par Karim Weber.');
  expect(text).toContain('\n\n## Ce qui vient\n\n');
  expect(text.slice(pages?.[1])).toBe('La deuxième page commence ici.');
});

describe('characters that only a predefined map knows', () => {
  it('are read with the map of the site', async () => {
    const { text } = await pdf('chinese.pdf');
    expect(text).toBe('这家公司成立于一九八七年，总部设在格勒诺布尔。\n\n会社は水力発電所を運営している。');
    expect(site.asked).toContain('/pdf/cmaps/UniGB-UCS2-H.bcmap');
  });
  it('without the map, it is said, rather than a text with holes', async () => {
    expect(await reading(named('a.pdf', fixture('chinese.pdf')))).toMatchObject({
      problem: 'broken',
      detail: expect.stringContaining('UniGB-UCS2-H.bcmap'),
    });
  });
});

it('a page without text is named; a page on its side is read', async () => {
  const { text, pages, emptyPages } = await pdf('mixed.pdf');
  expect(text).toBe('The first page speaks.\n\nThe third page lies on its side, and goes on there.');
  expect(emptyPages).toEqual([2]);
  expect(pages).toEqual([0, 24, 24]);
});

it('locked, scanned and damaged files say so', async () => {
  const problem = (name: string, bytes = fixture(name)) => reading(named(name, bytes), site.siteUrl);
  expect(await problem('encrypted.pdf')).toEqual({ problem: 'encrypted', detail: '' });
  expect(await problem('scanned.pdf')).toEqual({ problem: 'scanned', detail: '2' });
  expect(await problem('a.pdf', new TextEncoder().encode('%PDF-1.7\nnothing'))).toMatchObject({ problem: 'broken' });
});

it('a file whose end is missing gives the pages that are there, or says that it is broken', async () => {
  const whole = makePdf(20);
  const outcome = await reading(named('a.pdf', whole.slice(0, whole.length / 2)), site.siteUrl);
  if ('problem' in outcome) expect(outcome.problem).toBe('broken');
  else expect(outcome.text).toContain(factOf(1));
});

it('a hundred pages: every fact stands on its page', async () => {
  const { text, pages } = await textOf(named('a.pdf', makePdf(100)), site.siteUrl);
  expect(pages).toHaveLength(100);
  for (let page = 1; page <= 100; page++) expect(pageAt(pages, text.indexOf(factOf(page)))).toBe(page);
});
