// One version of every judgement out of many files: the same again is a duplicate, an earlier version is superseded.
import type { Judgement } from '../records/feedback.ts';
import type { FeedbackFormat, Invalid, SourceCount } from '../records/merging.ts';
import { byTime, canonical, same } from './identity.ts';

/** A file of judgements as it was read, or this project's own feedback (fileId ''). */
export interface Source {
  fileId: string;
  name: string;
  format: FeedbackFormat | null;
  judgements: Judgement[];
  invalid: Invalid[];
}

export interface Distinct {
  /** The version that counts of each, oldest first. */
  judgements: Judgement[];
  sources: SourceCount[];
  read: number;
  invalid: number;
  duplicates: Judgement[];
  superseded: Judgement[];
}

export function distinctOf(sources: readonly Source[]): Distinct {
  const versions = new Map<string, Judgement[]>();
  const duplicates: Judgement[] = [];
  const counts = sources.map((source): SourceCount => {
    let added = 0;
    for (const judgement of source.judgements) {
      const known = versions.get(judgement.id);
      if (known?.some((version) => same(version, judgement))) duplicates.push(judgement);
      else {
        if (known) known.push(judgement);
        else versions.set(judgement.id, [judgement]);
        added++;
      }
    }
    const { fileId, name, format, judgements, invalid } = source;
    const duplicate = judgements.length - added;
    return {
      fileId,
      name,
      format,
      judgements: judgements.length,
      added,
      duplicates: duplicate,
      invalid: invalid.length,
    };
  });
  const judgements: Judgement[] = [];
  const superseded: Judgement[] = [];
  for (const known of versions.values()) {
    const last = known.reduce((kept, version) => (isLater(version, kept) ? version : kept));
    judgements.push(last);
    for (const version of known) if (version !== last) superseded.push(version);
  }
  return {
    judgements: judgements.sort(byTime),
    sources: counts,
    read: counts.reduce((sum, count) => sum + count.judgements, 0),
    invalid: counts.reduce((sum, count) => sum + count.invalid, 0),
    duplicates: duplicates.sort(byTime),
    superseded: superseded.sort(byTime),
  };
}

function isLater(a: Judgement, b: Judgement): boolean {
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return canonical(a) > canonical(b);
}
