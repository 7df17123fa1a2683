// A document: what a person brought. Its text is kept apart, because lists of documents need none of it.

export const DOCUMENT_VERSION = 2;

export const MEDIA_TYPES = [
  'text/plain',
  'text/markdown',
  'text/html',
  'application/pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'text/csv',
  'application/json',
  'application/jsonl',
] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

export interface Document {
  id: string;
  projectId: string;
  /** File name as it came, or a title made from the first words of a pasted text. */
  name: string;
  mediaType: MediaType;
  /** SHA-256 of the extracted text in UTF-8, hex: the same content is recognised when it comes again. */
  sha256: string;
  /** Size of the file as it came; its bytes lie in the private file system at `documents/<id>` where that exists. */
  bytes: number;
  characters: number;
  words: number;
  /** How many pages it has; null for a text without pages. */
  pages: number | null;
  /** Pages without any text, from 1: pictures or scans. */
  emptyPages: number[];
  createdAt: string; // UTC, ISO 8601
  /** Set while the deletion can still be undone; swept afterwards. */
  deletedAt?: string;
  version: number;
}

export interface DocumentText {
  documentId: string;
  projectId: string;
  /** Line ends are \n, accents composed (NFC). Headings are lines that begin with "#" where `markdown`. */
  text: string;
  markdown: boolean;
  /** Character offset at which each page begins, ascending, the first 0; null for a text without pages. */
  pages: number[] | null;
}

/** The page, from 1, on which a character stands; null for a text without pages. */
export function pageAt(pages: readonly number[] | null, offset: number): number | null {
  if (!pages || pages.length === 0) return null;
  let low = 0;
  let high = pages.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((pages[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
