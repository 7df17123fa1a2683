// Cuts a text into sentences and short passages; offsets always point into the text as it came.

export interface Span {
  /** Character offsets in the text: [start, end). */
  start: number;
  end: number;
}

const sentenceSegmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** Blocks between blank lines, Markdown headings, rules and fences left out: what a reader would call paragraphs. */
function paragraphs(text: string): Span[] {
  const spans: Span[] = [];
  for (const block of text.matchAll(/[^\n]+(?:\n(?![ \t]*\n)[^\n]+)*/g)) {
    let start = block.index;
    for (const line of block[0].split('\n')) {
      const heading = /^\s{0,3}(#{1,6}\s|[-*_=]{3,}\s*$|```)/.test(line);
      const last = spans.at(-1);
      if (!heading && line.trim()) {
        if (last && last.end === start - 1) last.end = start + line.length;
        else spans.push({ start, end: start + line.length });
      }
      start += line.length + 1;
    }
  }
  return spans;
}

function trimmed(text: string, { start, end }: Span): Span {
  while (start < end && /\s/.test(text[start] ?? '')) start++;
  while (end > start && /\s/.test(text[end - 1] ?? '')) end--;
  return { start, end };
}

/** Sentences of one paragraph. A segment that starts in lower case or with a digit goes on the sentence before it. */
function sentencesOf(text: string, paragraph: Span): Span[] {
  const spans: Span[] = [];
  for (const { segment, index } of sentenceSegmenter.segment(text.slice(paragraph.start, paragraph.end))) {
    const span = trimmed(text, { start: paragraph.start + index, end: paragraph.start + index + segment.length });
    if (span.start === span.end) continue;
    const last = spans.at(-1);
    if (last && !/^[\p{Lu}\p{Lo}"«“‘([\d-]/u.test(text.slice(span.start, span.start + 2))) last.end = span.end;
    else spans.push(span);
  }
  return spans;
}

export function sentences(text: string): Span[] {
  return paragraphs(text).flatMap((paragraph) => sentencesOf(text, paragraph));
}

/** Runs of `count` sentences that never cross a paragraph. */
export function passages(text: string, count: number): Span[] {
  return paragraphs(text).flatMap((paragraph) => {
    const parts = sentencesOf(text, paragraph);
    const runs: Span[] = [];
    for (let i = 0; i < parts.length; i += count) {
      const run = parts.slice(i, i + count);
      runs.push({ start: run[0]?.start ?? 0, end: run.at(-1)?.end ?? 0 });
    }
    return runs;
  });
}
