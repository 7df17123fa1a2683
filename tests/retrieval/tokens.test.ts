// Counts of tokens: word by word as many as the tokenizer makes of the whole, for every kind of tokenizer.
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asOneLine, textHash, tokenCounter } from '../../src/retrieval/tokens.ts';
import { TOKENIZER_CONFIG } from '../../tools/use-lite/tokenizer.ts';
import { useLiteCounter, useLiteTokenizer } from './useLiteCounter.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzé.,!?'.split('');
const added = (content: string, id: number) => ({ id, content, special: true });
const file = (parts: object) =>
  JSON.stringify({ version: '1.0', added_tokens: [], normalizer: null, decoder: null, post_processor: null, ...parts });

/** As BERT's: lower case, words and punctuation apart, [CLS] and [SEP] around. */
const bert = file({
  added_tokens: [added('[UNK]', 0), added('[CLS]', 1), added('[SEP]', 2)],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(
      ['[UNK]', '[CLS]', '[SEP]', 'hello', ...letters, ...letters.map((l) => `##${l}`)].map((t, i) => [t, i]),
    ),
  },
});

/** As GPT-2's: a space belongs to the word behind it, so that a word alone is another word. */
const byteLevel = file({
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: 'ByteLevel' },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(['Ġ', ...letters, 'Ġh', 'he', 'Ġhe'].map((t, i) => [t, i])),
    merges: ['Ġ h', 'h e', 'Ġh e'],
  },
});

/** Byte-level, but behind a cut at spaces. */
const splitFirst = file({
  ...(JSON.parse(byteLevel) as object),
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'ByteLevel', add_prefix_space: true, use_regex: false }],
  },
});

/** As XLM-R's: words first, then a mark before each; one token of the vocabulary reaches over a space. */
const metaspace = (vocab: [string, number][]) =>
  file({
    normalizer: { type: 'NFKC' },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    model: { type: 'Unigram', unk_id: 0, vocab },
  });
const single = letters.map((letter): [string, number] => [letter, -3]);
const acrossSpaces = metaspace([['<unk>', 0], ['▁', -2], ['▁a', -2.5], ['a▁b', -0.5], ...single]);

const words = fc
  .array(
    fc.constantFrom(
      'Hello',
      'he',
      'a',
      'b',
      'a.',
      '2,340',
      'Grenoble',
      'énergie',
      '日本語',
      '🎉',
      '\n',
      '  ',
      '\u00a0',
      '\u202f',
      '<s>',
      'ﬁn',
      '▁',
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(' '));

describe.each([
  ['Unigram of the shipped embedder', useLiteTokenizer, TOKENIZER_CONFIG],
  ['WordPiece', bert, '{}'],
  ['byte-level BPE', byteLevel, '{}'],
  ['byte-level BPE of words', splitFirst, '{}'],
  ['Unigram with a token over a space', acrossSpaces, '{}'],
])('%s', (_, json, config) => {
  it('counts as many as the tokenizer makes of the text on one line', () => {
    const whole = new Tokenizer(JSON.parse(json) as object, JSON.parse(config) as object);
    const { count } = tokenCounter(json, config);
    const exact = (text: string) => whole.encode(asOneLine(text)).ids.length;
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 60 })), (text) => {
        expect(count(`Hello ${text}`)).toBe(exact(`Hello ${text}`));
        // A first word that is read differently behind a space ("´") may count one more.
        expect([0, 1]).toContain(count(text) - exact(text));
      }),
      { numRuns: 500, seed: 5 },
    );
  });
});

it('counts what the tokenizer puts around a text, and the prefix of a passage', () => {
  expect(tokenCounter(bert, '{}').count('')).toBe(2);
  expect(tokenCounter(bert, '{}').count('hello')).toBe(3);
  expect(tokenCounter(bert, '{}', 'a: ').count('hello')).toBe(5);
  const { count } = useLiteCounter();
  expect(useLiteCounter('passage: ').count('The harbour.')).toBe(count('passage: The harbour.'));
});

it('a line break costs no token', () => {
  const { count } = useLiteCounter();
  expect(count('Velmont Energy\n  was founded')).toBe(count('Velmont Energy was founded'));
});

it('a word of a million characters is counted in slices, with little more than its tokens', () => {
  const { count } = useLiteCounter();
  const [short, long] = [count('ab'.repeat(128)), count('ab'.repeat(500_000))];
  expect(long / 1_000_000 / (short / 256)).toBeCloseTo(1, 1);
});

it('another tokenizer has another hash, the same one the same', () => {
  expect(useLiteCounter().hash).toBe(textHash(useLiteTokenizer));
  expect(tokenCounter(bert, '{}').hash).not.toBe(useLiteCounter().hash);
  const hashes = new Set(Array.from({ length: 20_000 }, (_, i) => textHash(`tokenizer ${i}`)));
  expect(hashes.size).toBe(20_000);
});

it('what is no tokenizer is refused in words', () => {
  expect(() => tokenCounter('{', '{}')).toThrow(/^tokenizer\.json: must be one that we can read, got/);
  expect(() => tokenCounter('{"model":{}}', '{}')).toThrow(/Choose another embedder/);
});
