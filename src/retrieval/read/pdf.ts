// The pdf.js door: a PDF page by page. Its parser runs in this very thread (we are in a worker already), its maps and
// fonts are fetched from our own site, and nothing is drawn.
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import { Unread, type Job } from './job.ts';
import { MAX_CHARACTERS } from './outline.ts';
import { linesOf, type Line, type Piece } from './pdfLines.ts';
import { textOf, type PagedText } from './pdfText.ts';

/** Pages after each other that cannot be read, before a file counts as broken: its list of pages is wrong. */
const MAX_LOST = 100;
/** Pieces of text on one page. */
const MAX_PIECES = 200_000;

export async function readPdf(bytes: Uint8Array<ArrayBuffer>, job: Job): Promise<PagedText> {
  // The legacy build: two releases of a browser fewer are shut out, and Node 20 runs it, too. Where it is imported in a
  // worker it greets the page with one message, {action: 'ready'}, that no comlink listens to.
  const [{ getDocument }] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs'),
    import('pdfjs-dist/legacy/build/pdf.worker.mjs'),
  ]);
  const missing: string[] = [];
  const at = (folder: string): string => new URL(`pdf/${folder}/`, job.siteUrl).href;
  const task = getDocument({
    data: bytes,
    cMapUrl: at('cmaps'),
    standardFontDataUrl: at('standard_fonts'),
    BinaryDataFactory: fetching(missing),
    useWorkerFetch: false,
    useWasm: false, // decodes pictures only
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    verbosity: 0,
  });
  try {
    return await readPages(await task.promise, missing, job);
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException') throw new Unread('encrypted');
    throw error;
  } finally {
    await task.destroy();
  }
}

async function readPages(pdf: PDFDocumentProxy, missing: readonly string[], job: Job): Promise<PagedText> {
  const pages: Line[][] = [];
  let characters = 0;
  let lost = 0;
  let reason: Error | undefined;
  for (let number = 1; number <= pdf.numPages; number++) {
    await job.step(number - 1, pdf.numPages, 'pages');
    try {
      const page = await pdf.getPage(number);
      const lines = linesOf(await piecesOf(page));
      page.cleanup();
      characters += lines.reduce((sum, { text }) => sum + text.length, 0);
      pages.push(lines);
      lost = 0;
    } catch (error) {
      reason ??= asError(error); // a damaged page is one without text; the others go on
      pages.push([]);
      if (++lost >= MAX_LOST) throw reason;
    }
    if (characters > MAX_CHARACTERS) throw new Unread('tooLarge', '20');
  }
  // Without its map the text of a font is lost in silence. Without a standard font it is not: only its shapes are.
  const map = missing.find((name) => name.endsWith('.bcmap'));
  if (map) throw new Unread('broken', `the character map ${map} could not be fetched`);
  if (characters > 0) return textOf(pages);
  if (reason) throw reason;
  throw new Unread('scanned', String(pdf.numPages));
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Read as a stream, so that a page that never ends is left. */
async function piecesOf(page: PDFPageProxy): Promise<Piece[]> {
  const reader = page.streamTextContent().getReader();
  const pieces: Piece[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return pieces;
    for (const item of (value as { items: (Piece | { type: string })[] }).items) if ('str' in item) pieces.push(item);
    if (pieces.length > MAX_PIECES) {
      await reader.cancel(new Error('enough'));
      return pieces;
    }
  }
}

/** Fetches character maps and fonts, and notes what is missing; pdf.js's own ways look for a page around them. */
function fetching(missing: string[]) {
  return class {
    constructor(readonly urls: Record<string, string>) {}

    async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
      const response = await fetch((this.urls[kind] ?? '') + filename).catch(() => null);
      if (response?.ok) return new Uint8Array(await response.arrayBuffer());
      missing.push(filename);
      throw new Error(`pdf: ${filename} must be on the site, got ${response?.status ?? 'no answer'}. Reload later.`);
    }
  };
}
