// Headers, footers and page numbers of a PDF: lines at the edge of most pages, always at the same height, always alike.
// They are left out of the text: they cut sentences that go on over the page, and would match every question alike.
import type { Line } from './pdfLines.ts';

/** Lines from the top and from the bottom of a page that may be running ones. */
const EDGE = 2;
/** Share of the pages; below a half, because books have one header on the left pages and another on the right. */
const MOST = 0.4;

export function withoutRunning(pages: readonly (readonly Line[])[]): (readonly Line[])[] {
  if (pages.length < 3) return [...pages];
  const edges = pages.map(edgeOf);
  const counts = new Map<string, number>();
  for (const [page, lines] of edges.entries())
    for (const key of new Set(lines.flatMap((line) => keysOf(line, page)))) counts.set(key, (counts.get(key) ?? 0) + 1);
  const enough = Math.max(3, MOST * pages.length);
  return pages.map((lines, page) => {
    const running = new Set(
      edges[page]?.filter((line) => keysOf(line, page).some((key) => (counts.get(key) ?? 0) >= enough)),
    );
    const kept = lines.filter((line) => !running.has(line));
    return kept.length > 0 ? kept : lines; // a page that says nothing else says this
  });
}

function edgeOf(lines: readonly Line[]): Line[] {
  const heights = [...new Set(lines.map(({ y }) => Math.round(y)))].sort((a, b) => b - a);
  const edges = new Set([...heights.slice(0, EDGE), ...heights.slice(-EDGE)]);
  return lines.filter(({ y }) => edges.has(Math.round(y)));
}

/**
 * What may be alike on all pages: the line itself; the line with one of its numbers counted from the page ("Page 7 of
 * 9"); and that alone where it stands at an end, beside the title of a chapter.
 */
function keysOf({ text, y }: Line, page: number): string[] {
  const place = `@${Math.round(y / 3)} `;
  const counted = [...text.matchAll(/\d{1,6}/g)].slice(0, 3).flatMap(({ 0: number, index }) => {
    const end = index + number.length;
    const offset = `page+${Number(number) - page}`;
    const keys = [`${place}${text.slice(0, index)}${offset}${text.slice(end)}`];
    if (index === 0) keys.push(`${place}${offset} …`);
    if (end === text.length) keys.push(`${place}… ${offset}`);
    return keys;
  });
  return [place + text, ...counted];
}
