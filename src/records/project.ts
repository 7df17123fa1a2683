// A project: one chain of documents, answers, judgements, runs and reports under one name.
import { validateCorpus, type CorpusSettings } from './corpus.ts';
import { finite, object, text } from './validate.ts';

export const PROJECT_VERSION = 1;

export interface Project {
  id: string;
  name: string;
  /** The demo project is made from the shipped datasets and can be restored at any time. */
  demo: boolean;
  createdAt: string; // UTC, ISO 8601
  /** Absent = what works best with the model in use. */
  corpus?: CorpusSettings;
  /** Set while the deletion can still be undone; swept afterwards. */
  deletedAt?: string;
  version: number;
}

/** Settings that cannot be read are chosen anew: they hide no project. */
function corpusOf(value: unknown): CorpusSettings | undefined {
  try {
    return value === undefined ? undefined : validateCorpus(value);
  } catch {
    return undefined;
  }
}

export function validateProject(value: unknown, where = 'project'): Project {
  const v = object(value, where);
  const name = text(v.name, `${where}.name`).trim();
  const corpus = corpusOf(v.corpus);
  return {
    id: text(v.id, `${where}.id`),
    name: name || 'Untitled',
    demo: v.demo === true,
    createdAt: text(v.createdAt, `${where}.createdAt`),
    ...(corpus === undefined ? {} : { corpus }),
    ...(v.deletedAt === undefined ? {} : { deletedAt: text(v.deletedAt, `${where}.deletedAt`) }),
    version: finite(v.version, `${where}.version`, 1),
  };
}
