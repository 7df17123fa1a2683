// The address of a document, at a passage: "#/documents/<id>?at=120-180". Pure.

export interface Place {
  documentId: string;
  /** Character offsets in the document's text: [start, end). */
  start?: number;
  end?: number;
}

export interface Span {
  start: number;
  end: number;
}

/** A passage fits as it is; a part of one by its own offsets. */
export function documentLink({ documentId, start, end }: Place): string {
  const at = start === undefined || end === undefined ? '' : `?at=${start}-${end}`;
  return `#/documents/${encodeURIComponent(documentId)}${at}`;
}

/** The passage that an address asks for; null when it asks for none, or for something that cannot be. */
export function spanOf(at: string | null): Span | null {
  const [, start, end] = /^(\d{1,9})-(\d{1,9})$/.exec(at ?? '') ?? [];
  const span = { start: Number(start), end: Number(end) };
  return span.start < span.end ? span : null;
}
