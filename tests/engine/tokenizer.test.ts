// Ids equal those of the model's makers, streamed text never shows half a character, a prompt is cut exactly.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderPrompt, type PromptOptions } from '../../src/engine/prompt.ts';
import { TextStream, Tokenizer } from '../../src/engine/tokenizer.ts';
import type { Passage } from '../../src/records/generation.ts';
import { filesIn, json } from './files.ts';

interface Expected {
  rows: { prompt: string; prompt_ids: number[]; output_ids: number[]; text: string }[];
}

let nano: Tokenizer;
let expected: Expected;
beforeAll(async () => {
  nano = await Tokenizer.load(filesIn('public/models/nano'));
  expected = await json('tests/goldens/nano-expected.json');
});

describe('ids', () => {
  it('of every expected prompt, through the chat template', () => {
    expect(expected.rows.length).toBeGreaterThan(10);
    for (const row of expected.rows) expect(nano.chat([{ role: 'user', content: row.prompt }])).toEqual(row.prompt_ids);
  });
  it('of a conversation hold the earlier answer and end where the next one begins', () => {
    const ids = nano.chat([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ]);
    expect(nano.decode(ids, true)).toBe('<|bos|><|user|>a<|assistant|>b<|eos|><|user|>c<|assistant|>');
    expect(nano.decode(ids)).toBe('abc');
  });
  it('of every expected answer spell its text', () => {
    for (const row of expected.rows) expect(nano.decode(row.output_ids)).toBe(row.text);
  });
  it('beyond the vocabulary spell nothing', () => {
    expect(nano.decode([999_999])).toBe('');
    expect(nano.decode([])).toBe('');
  });
});

/** Half of a pair that stands for one character. */
const HALF = /\p{Surrogate}/u;
const anyText = fc.string({ unit: 'binary', maxLength: 40 }).filter((t) => !HALF.test(t) && !t.includes('\uFFFD'));

describe('streamed text', () => {
  it('is the whole text in the end, and on the way never a half character', () =>
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 4 }), (text, step) => {
        const ids = nano.encode(text);
        const stream = new TextStream(nano);
        let out = '';
        for (let i = 0; i < ids.length; i += step) {
          out += stream.push(ids.slice(i, i + step));
          expect(out).not.toContain('\uFFFD');
          expect(out).not.toMatch(HALF);
        }
        expect(out + stream.end()).toBe(nano.decode(ids));
      }),
      { numRuns: 200 },
    ));
  it('holds a character back until its last byte has come', () => {
    const ids = nano.encode('😀');
    expect(ids.length).toBeGreaterThan(1);
    const stream = new TextStream(nano);
    const parts = ids.map((id) => stream.push([id]));
    expect(parts).toEqual([...ids.slice(1).map(() => ''), '😀']);
  });
  it('shows at the end what never became a character', () => {
    const stream = new TextStream(nano);
    expect(stream.push(nano.encode('😀').slice(0, 1))).toBe('');
    expect(stream.end()).toContain('\uFFFD');
  });
  it('has one piece per id, and the pieces in a row are the text', () =>
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = [0, 3, ...nano.encode(text), 4];
        const pieces = nano.pieces(ids);
        expect(pieces.map((p) => p.id)).toEqual(ids);
        expect(pieces.map((p) => p.text).join('')).toBe(nano.decode(ids, true));
        expect(pieces[0]).toEqual({ id: 0, text: '<|bos|>', special: true });
        expect(pieces.at(-1)?.special).toBe(true);
      }),
      { numRuns: 100 },
    ));
});

const passage = (text: string, i: number): Passage => ({
  documentId: `d${i}`,
  documentName: `D${i}`,
  start: 100,
  end: 100 + text.length,
  text,
});
const OPTIONS: PromptOptions = { contextLength: 512, reserve: 64, style: 'numbered', separator: '\n\n' };

describe('a prompt', () => {
  it('has the form of the model’s card', () => {
    const { prompt, ids, cutTokens } = renderPrompt(nano, 'Who?', ['One fact.', 'Two facts.'].map(passage), OPTIONS);
    expect(prompt).toBe('Who?\n\nContext:\n[1] One fact.\n\n[2] Two facts.');
    expect(nano.decode(ids, true)).toBe(`<|bos|><|user|>${prompt}<|assistant|>`);
    expect(cutTokens).toBe(0);
  });
  it('has no context section without passages', () => {
    expect(renderPrompt(nano, 'Who?', [], OPTIONS).prompt).toBe('Who?');
    expect(renderPrompt(nano, 'Who?', [passage('', 0)], OPTIONS).prompt).toBe('Who?');
  });
  it('fits with its reserve, starts with the question, ends inside the passages and leaves no room unused', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyText, fc.lorem({ maxCount: 40 }), fc.constant('Été, œuvre 😀👩‍👩‍👧 12,5 %. '.repeat(4))), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.integer({ min: 0, max: 140 }),
        fc.constantFrom('numbered' as const, 'plain' as const),
        (texts, reserve, style) => {
          const question = 'Who leads Velmont?';
          const options = { contextLength: 160, reserve, style, separator: '\n\n' };
          const passages = texts.map(passage);
          const cut = renderPrompt(nano, question, passages, options);
          const all = renderPrompt(nano, question, passages, { ...options, contextLength: 1e6 });
          expect(cut.ids.length + reserve).toBeLessThanOrEqual(160);
          expect(cut.ids).toEqual(nano.chat([{ role: 'user', content: cut.prompt }]));
          expect(cut.prompt.startsWith(question)).toBe(true);
          expect(all.prompt.startsWith(cut.prompt)).toBe(true);
          expect(cut.cutTokens).toBe(all.ids.length - cut.ids.length);
          cut.passages.forEach((p, i) => {
            expect(p.text).not.toMatch(HALF);
            expect(p.end - p.start).toBe(p.text.length);
            if (i < cut.passages.length - 1) expect(p.text).toBe(all.passages[i]?.text);
          });
          // A number and a separator may come with the first token of the next passage, and a cut character may be
          // spelt with more tokens than it had: a few tokens of slack, never a word's worth.
          if (cut.cutTokens > 0) expect(cut.ids.length + reserve).toBeGreaterThan(160 - 12);
          else expect(cut.passages.map((p) => p.text)).toEqual(texts.filter(Boolean));
        },
      ),
      { numRuns: 150 },
    ));
  it('puts a wrapped passage on one line; cut or not, it stays what stands in its document', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.oneof(fc.lorem({ maxCount: 4 }), anyText), fc.constantFrom(' ', '\n', '\r\n  ', '\t\u00a0')),
          {
            minLength: 1,
            maxLength: 40,
          },
        ),
        (parts) => {
          const document = `${'.'.repeat(100)}${parts.flat().join('')} and more`;
          const whole = passage(document.slice(100, -9), 0);
          const { prompt, passages } = renderPrompt(nano, 'Who?', [whole], { ...OPTIONS, contextLength: 140 });
          for (const p of passages) expect(document.slice(p.start, p.end)).toBe(p.text);
          const lines = passages.map((p) => `\n\nContext:\n[1] ${p.text.replaceAll(/\s+/g, ' ')}`);
          expect(prompt).toBe(`Who?${lines.join('')}`);
        },
      ),
      { numRuns: 100 },
    ));
  it('cuts token by token: with room for n more tokens, n more tokens are in it', () => {
    const text = 'The mill was built of grey stone by the people of the valley and it still stands there today.';
    const at = (contextLength: number) => renderPrompt(nano, 'Who?', [passage(text, 0)], { ...OPTIONS, contextLength });
    const full = at(512).ids.length;
    const least = renderPrompt(nano, 'Who?', [passage('The', 0)], OPTIONS).ids.length;
    for (let room = least; room <= full; room++) expect(at(room + 64).ids.length).toBe(room);
  });
  it('says so when the question alone does not fit', () => {
    const long = 'Why so many words in one question? '.repeat(80);
    expect(() => renderPrompt(nano, long, [], OPTIONS)).toThrow(
      /^prompt: the question may take at most 448 tokens beside 64 for the answer, got \d+\. Ask a shorter question/,
    );
  });
});

describe('broken files end in a sentence', () => {
  const load = (files: Record<string, string>) =>
    Tokenizer.load({ text: (name) => Promise.resolve(files[name] ?? null), stream: () => Promise.resolve(null) });
  it.each([
    [{}, /^tokenizer_config.json: must be a JSON object, got no file\. /],
    [{ 'tokenizer_config.json': '[' }, /^tokenizer_config.json: must be a JSON object, got "\["\. /],
    [{ 'tokenizer_config.json': '{}' }, /^tokenizer.json: must be a JSON object, got no file\. /],
    [
      { 'tokenizer_config.json': '{}', 'tokenizer.json': '{}' },
      /^tokenizer.json: must be one that we can read, got ".+"\. /,
    ],
  ])('%j', (files, sentence) => expect(load(files)).rejects.toThrow(sentence));
});
