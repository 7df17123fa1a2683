// A tiny random BERT in hub layout, made on the spot: its files by path.
import { Graph } from '../../tools/use-lite/onnx.ts';

export const TINY = { dim: 8, positions: 16 };
const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'query', 'passage', ':', ...'abcdefghijklmnopqrstuvwxyz'];

/** Repeatable values between −1 and 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** One layer with one head: embeddings of words, positions and types, attention under the mask, norm. */
function model(): Uint8Array<ArrayBuffer> {
  const { dim, positions } = TINY;
  const graph = new Graph();
  const op = graph.op.bind(graph);
  const next = random(7);
  const matrix = (name: string, rows: number): string =>
    graph.floats(name, [rows, dim], Float32Array.from({ length: rows * dim }, next));
  const number = (name: string, value: bigint): string =>
    graph.constant(name, { type: 'int64', dims: [], data: BigInt64Array.of(value) });

  const words = op('Gather', [matrix('words', WORDS.length), 'input_ids']);
  const types = op('Gather', [matrix('types', 2), 'token_type_ids']);
  const length = op('Gather', [op('Shape', ['input_ids']), number('one', 1n)]);
  const places = op('Range', [number('zero', 0n), length, 'one']);
  const x = op('Add', [op('Add', [words, types]), op('Gather', [matrix('positions', positions), places])]);
  const mask = op('Cast', ['attention_mask'], { to: 1 });
  const hidden = op('Mul', [op('Sub', [graph.scalar('all', 1), mask]), graph.scalar('far', -1e9)]);
  const bias = op('Unsqueeze', [hidden, graph.integers('axis', [1])]);
  const keys = op('Transpose', [op('MatMul', [x, matrix('k', dim)])], { perm: [0, 2, 1] });
  const scores = op('Add', [op('MatMul', [op('MatMul', [x, matrix('q', dim)]), keys]), bias]);
  const mixed = op('MatMul', [op('Softmax', [scores], { axis: -1 }), op('MatMul', [x, matrix('v', dim)])]);
  const scale = graph.floats('scale', [dim], new Float32Array(dim).fill(1));
  const shift = graph.floats('shift', [dim], Float32Array.from({ length: dim }, next));
  op('LayerNormalization', [op('Add', [x, mixed]), scale, shift], { axis: -1, epsilon: 1e-5 }, 'last_hidden_state');
  return graph.model({
    name: 'tiny',
    producer: 'tests',
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({
      name,
      type: 'int64',
      dims: ['batch', 'seq'],
    })),
    outputs: [{ name: 'last_hidden_state', type: 'float32', dims: ['batch', 'seq', dim] }],
  });
}

function tokenizer(): unknown {
  const special = (name: string): unknown => ({ SpecialToken: { id: name, type_id: 0 } });
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const template = [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')];
  return {
    version: '1.0',
    added_tokens: WORDS.slice(0, 4).map((content, id) => ({ id, content, ...flags })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: template,
      pair: template,
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  };
}

export function tinyBert(): Map<string, Uint8Array<ArrayBuffer>> {
  const json = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
  return new Map([
    ['config.json', json({ model_type: 'bert', hidden_size: TINY.dim, max_position_embeddings: TINY.positions })],
    ['tokenizer.json', json(tokenizer())],
    ['tokenizer_config.json', json({ tokenizer_class: 'BertTokenizer', pad_token: '[PAD]', model_max_length: 1e30 })],
    ['onnx/model.onnx', model()],
  ]);
}
