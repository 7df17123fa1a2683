// A document: a text that a person brought, kept whole.

export const DOCUMENT_VERSION = 1;

export interface Document {
  id: string;
  projectId: string;
  /** File name as it came, or a title made from the first words of a pasted text. */
  name: string;
  mediaType: 'text/plain' | 'text/markdown';
  text: string;
  /** SHA-256 of the UTF-8 text, hex: the same content is recognised when it comes again. */
  sha256: string;
  createdAt: string; // UTC, ISO 8601
  version: number;
}
