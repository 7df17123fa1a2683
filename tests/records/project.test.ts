// A project is read back from storage; settings of its corpus that cannot be read do not hide it.
import { expect, it } from 'vitest';
import { DEFAULT_RETRIEVAL } from '../../src/records/corpus.ts';
import { validateProject, type Project } from '../../src/records/project.ts';

const corpus = {
  embedderId: 'use-lite',
  chunks: { maxTokens: 120, overlapTokens: 0, maxSentences: 2 },
  retrieval: DEFAULT_RETRIEVAL,
};
const project: Project = { id: 'p', name: 'P', demo: false, createdAt: '2026-01-01', corpus, version: 1 };

it('a project is read as it was written', () => {
  expect(validateProject(project)).toEqual(project);
});

it.each([null, 3, {}, { ...corpus, chunks: { ...corpus.chunks, maxTokens: 9999 } }])(
  'corpus settings that cannot be read are left out: %j',
  (broken) => {
    const { corpus: _, ...rest } = project;
    expect(validateProject({ ...project, corpus: broken })).toEqual(rest);
  },
);

it('what is no project is refused', () => {
  expect(() => validateProject({ ...project, id: 3 })).toThrow('project.id: must be text, got 3');
});
