// The text of a document as it is drawn: pages without text, and which page one is on.
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import DocumentText from '../../src/pages/documents/DocumentText.svelte';
import { outlineOf } from '../../src/records/corpus.ts';
import type { Span } from '../../src/state/documentLink.ts';

let end = (): void => undefined;
afterEach(() => end());

function show(text: string, pages: number[], found: Span | null = null): HTMLElement {
  const target = document.body.appendChild(document.createElement('main'));
  const record = { documentId: 'd', projectId: 'p', text, markdown: false, pages };
  const view = mount(DocumentText, { target, props: { text: record, outline: outlineOf([]), found } });
  flushSync();
  end = () => {
    void unmount(view);
    target.remove();
  };
  return target;
}

const marks = (target: HTMLElement): (string | null)[] =>
  [...target.querySelectorAll('[data-page]')].map((mark) => mark.textContent);
function jump(target: HTMLElement, page: number): void {
  const box = target.querySelector('input') as HTMLInputElement;
  box.value = String(page);
  box.dispatchEvent(new Event('change', { bubbles: true }));
}
const words = (target: HTMLElement): string =>
  [...target.querySelectorAll('.line')].map((line) => line.textContent).join('');

test.each([
  ['a cover without text', [0, 0], ['Page 1', 'Page 2']],
  ['pictures at the end', [0, 23, 23], ['Page 1', 'Page 2', 'Page 3']],
])('%s is a page as the others are', (_, pages, expected) => {
  const text = 'Twenty-three characters';
  const target = show(text, pages);
  expect(marks(target)).toEqual(expected);
  expect(words(target).replaceAll('\u200b', '')).toBe(text);
  expect(target.querySelector('input')?.max).toBe(String(pages.length));
});

test('a passage tells its own page while it is in view, whatever page stands above it; a jump leaves it', async () => {
  const page = (i: number): string => `Page ${i} has a line.\n${'and more\n'.repeat(4)}`;
  const pages = Array.from({ length: 30 }, (_, i) => Array.from({ length: i }, (_, j) => page(j)).join('').length);
  const text = pages.map((_, i) => page(i)).join('');
  const start = text.indexOf('Page 11 has');
  const target = show(text, pages, { start, end: start + 18 });
  const box = target.querySelector('input') as HTMLInputElement;
  const mark = target.querySelector('mark') as HTMLElement;
  await expect.poll(() => box.value).toBe('12');
  expect(mark.getBoundingClientRect().top).toBeGreaterThan(200); // others stand above it
  scrollTo(0, 0);
  await expect.poll(() => box.value).toBe('1');
  jump(target, 13); // the passage may still be in view
  await expect.poll(() => target.querySelector('[data-page="13"]')?.getBoundingClientRect().top).toBeLessThan(200);
  expect(mark.getBoundingClientRect().bottom).toBeLessThan(innerHeight);
  await expect.poll(() => box.value).toBe('13');
});

test('of a long text only what is near is drawn, the rest keeps its height', async () => {
  const line = 'A line of some forty characters or more.\n';
  const text = line.repeat(20_000);
  const target = show(text, [0, 410_000]);
  await expect.poll(() => target.querySelectorAll('.line').length).toBeGreaterThan(100);
  expect(target.querySelectorAll('.line').length).toBeLessThan(2500);
  expect(target.scrollHeight).toBeGreaterThan(20_000 * 20);
  jump(target, 2);
  const top = (): number | undefined => target.querySelector('[data-page="2"]')?.getBoundingClientRect().top;
  await expect.poll(top).toBeLessThan(innerHeight);
  expect(top()).toBeGreaterThanOrEqual(0);
  expect(target.querySelector('input')?.value).toBe('2');
});
