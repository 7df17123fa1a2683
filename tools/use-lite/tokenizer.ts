// The tokenizer's files: the package's Unigram vocabulary as tokenizer.json, and two small configurations.

export type Vocabulary = [token: string, logProbability: number | null][]; // null counts as 0

const MAX_TOKENS = 128;
const SPECIAL = 3; // unknown, padding, end
const METASPACE = { type: 'Metaspace', replacement: '▁', add_prefix_space: true };

/** As Python's json.dumps writes it: a space after every comma and colon between values. */
function dump(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dump).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${dump(each)}`);
  return `{${entries.join(', ')}}`;
}

export function tokenizer(vocabulary: Vocabulary): string {
  const vocab = vocabulary.map(([token, score], id) => [id === 0 ? '<unk>' : token, score] as const);
  return dump({
    version: '1.0',
    truncation: { direction: 'Right', max_length: MAX_TOKENS, strategy: 'LongestFirst', stride: 0 },
    padding: {
      strategy: 'BatchLongest',
      direction: 'Right',
      pad_to_multiple_of: null,
      pad_id: 1,
      pad_type_id: 0,
      pad_token: '<s>',
    },
    added_tokens: vocab.slice(0, SPECIAL).map(([content], id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'NFKC' },
    pre_tokenizer: { ...METASPACE, prepend_scheme: 'always', split: true },
    post_processor: null,
    decoder: METASPACE,
    model: { type: 'Unigram', unk_id: 0, vocab, byte_fallback: false },
  });
}

export const TOKENIZER_CONFIG = dump({
  tokenizer_class: 'PreTrainedTokenizerFast',
  model_max_length: MAX_TOKENS,
  pad_token: '<s>',
  unk_token: '<unk>',
});

/** The type that transformers.js feeds like any encoder. */
export const CONFIG = dump({
  model_type: 'bert',
  architectures: ['BertModel'],
  hidden_size: 512,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 8002,
  max_position_embeddings: MAX_TOKENS,
});
