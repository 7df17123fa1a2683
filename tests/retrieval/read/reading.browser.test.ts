// The readers in a worker of a browser: no page around them, pdf.js without a thread of its own, maps from the site.
import { proxy, wrap, type Remote } from 'comlink';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { factOf, makePdf } from './manyPages.ts';
import type { Api } from './reader.worker.ts';
import type { ReadProgress } from '../../../src/records/reading.ts';

const siteUrl = `${location.origin}/`;
const strays: unknown[] = [];
let worker: Worker;
let reader: Remote<Api>;

beforeAll(() => {
  worker = new Worker(new URL('./reader.worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }) => {
    if (!(data as { id?: string } | null)?.id) strays.push(data);
  });
  reader = wrap<Api>(worker);
});
afterAll(() => worker.terminate());

async function fixture(name: string): Promise<File> {
  const response = await fetch(new URL(`./files/${name}`, import.meta.url));
  expect(response.ok).toBe(true);
  return new File([await response.arrayBuffer()], name);
}

const text = async (file: File): Promise<string> => {
  const outcome = await reader.read(
    file,
    siteUrl,
    proxy(() => undefined),
  );
  return 'text' in outcome ? outcome.text : JSON.stringify(outcome);
};

it('a PDF, with its character maps from the site', async () => {
  expect(await text(await fixture('report.pdf'))).toContain('# The company\n\nVelmont Energy was founded in 1987.');
  expect(await text(await fixture('chinese.pdf'))).toContain('这家公司成立于一九八七年，总部设在格勒诺布尔。');
  expect(await text(await fixture('encrypted.pdf'))).toContain('encrypted');
});

it('a DOCX', async () => {
  expect(await text(await fixture('report.docx'))).toContain(
    'Site | Cost | Length\nHarlow dam | 58 million | 640 metres',
  );
});

it('HTML, and tables and JSON in an old encoding', async () => {
  const latin = (source: string) =>
    Uint8Array.from(source, (character) => ({ '’': 0x92, '€': 0x80 })[character] ?? character.charCodeAt(0));
  expect(await text(new File(['<h1>A</h1><p onclick="alert(1)">b &amp; c'], 'a.html'))).toBe('# A\n\nb & c');
  expect(await text(new File([latin('ville;coût\nBesançon;3,5 €\n')], 'a.csv'))).toBe('ville: Besançon; coût: 3,5 €');
  expect(await text(new File([latin('L’été à Besançon, déjà passé.')], 'a.txt'))).toBe('L’été à Besançon, déjà passé.');
  expect(await text(new File(['{"text": "x", "n": 1}\n'], 'a.jsonl'))).toBe('x\nn: 1');
});

it('many pages: progress in pages, and a cancel that is heard', async () => {
  const file = new File([makePdf(300)], 'a.pdf');
  const seen: ReadProgress[] = [];
  const whole = await reader.read(
    file,
    siteUrl,
    proxy((progress) => void seen.push(progress)),
  );
  expect('text' in whole && whole.text).toContain(factOf(300));
  expect(seen.some(({ done, unit }) => unit === 'pages' && done > 10 && done < 300)).toBe(true);
  const cancelled = reader.read(
    file,
    siteUrl,
    proxy(() => void reader.cancel()),
  );
  expect(await cancelled).toEqual({ problem: 'cancelled', detail: '' });
});

it('pdf.js sends the page one message that no one listens to, and starts no worker', () => {
  expect(strays).toEqual([expect.objectContaining({ action: 'ready' })]);
});
