// Retrieval on the demo project's documents: the passage that holds the answer is found by the question's words.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LexicalIndex, terms } from '../../src/retrieval/lexical.ts';
import { evidence, retrieve } from '../../src/retrieval/retrieve.ts';

const folder = 'datasets/documents';
const sources = readdirSync(folder).map((name) => ({
  documentId: name,
  documentName: name,
  text: readFileSync(`${folder}/${name}`, 'utf8'),
}));
interface Row {
  question: string;
  answer: string;
  document: string;
  answerable: boolean;
}
const rows = readFileSync('datasets/questions.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)
  .filter((row) => row.answerable);

it('terms drop stop words, accents, case and endings, and keep numbers whole', () => {
  expect(terms("Qui dirige l'Ardénie ?")).toEqual(['dirig', 'arden']);
  expect(terms('Velmont employs 2,340 people.')).toEqual(['velmo', 'emplo', '2,340', 'peopl']);
});

it('scores are cosines: 1 for the same words, 0 for none shared', () => {
  const [same, none] = new LexicalIndex(['the red harbour bridge', 'a quiet valley']).scores('red harbour bridge');
  expect(same).toBeCloseTo(1, 10);
  expect(none).toBe(0);
});

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');

describe('demo documents', () => {
  const found = (hits: { passage: { text: string } }[], answer: string) =>
    hits.some(({ passage }) => oneLine(passage.text).toLowerCase().includes(answer.toLowerCase()));

  it('three passages of two sentences hold the answer for nearly every answerable question', () => {
    const misses = rows.filter((row) => !found(retrieve(sources, row.question, 3, 2), row.answer));
    expect(misses.length / rows.length, misses.map((m) => m.question).join('\n')).toBeLessThanOrEqual(0.1);
  });

  it('the evidence for a right answer is a sentence that contains it', () => {
    const misses = rows.filter(
      (row) => !oneLine(evidence(sources, row.question, row.answer)?.text ?? '').includes(row.answer),
    );
    expect(misses.length / rows.length, misses.map((m) => m.question).join('\n')).toBeLessThanOrEqual(0.1);
  });

  it('passages and evidence are what stands in their document, wrapped or not', () => {
    const wrapped = sources.map((source) => ({ ...source, text: source.text.replaceAll(/(.{40}\S*) /g, '$1\n  ') }));
    for (const texts of [sources, wrapped]) {
      const found = retrieve(texts, 'Who runs Velmont Energy?', 3, 2).map((hit) => hit.passage);
      for (const passage of [...found, evidence(texts, 'Who runs Velmont Energy?', 'Anna Roux')]) {
        const source = texts.find((s) => s.documentId === passage?.documentId);
        expect(source?.text.slice(passage?.start, passage?.end)).toBe(passage?.text);
      }
    }
  });
});

it('no text, no passages; nothing shared, no evidence', () => {
  expect(retrieve([], 'anything', 3, 2)).toEqual([]);
  expect(evidence([{ documentId: 'a', documentName: 'a', text: 'Blue skies.' }], 'Qui ?', 'Personne')).toBeNull();
});
