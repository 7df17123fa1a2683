// Universal Sentence Encoder lite as an ONNX graph: two transformer layers over subword embeddings.
//
//   x = 2 · E[ids] + [sin(t·f), cos(t·f)]                      [batch, seq, 256]
//   per layer, with pre-normalisation, 4 heads and a ReLU between two dense maps:
//     x = x (through `resw` where the width grows 256 → 512) + attention(norm(x));   x = x + ffn(norm(x))
//   sentence = tanh(W · mean over the tokens + b), unit length                        [batch, 512]
//
// The sentence is also broadcast over `last_hidden_state`, so that mean pooling gives it back.
import { f32ToF16 } from '../../src/formats/float16.ts';
import { Graph, TYPES, type Port } from './onnx.ts';
import { quantise } from './quantise.ts';
import type { Weight, Weights } from './weights.ts';

/** How matrices are stored; the arithmetic is float32 in both. */
export type Precision = 'int8' | 'float16';

const HEADS = 4;
const DIM = 512;
const LAYERS = [
  { width: 256, headDim: 64 },
  { width: 512, headDim: 128 },
];
const INPUTS: Port[] = ['input_ids', 'attention_mask'].map((name) => ({ name, type: 'int64', dims: ['batch', 'seq'] }));
const OUTPUTS: Port[] = [
  { name: 'last_hidden_state', type: 'float32', dims: ['batch', 'seq', DIM] },
  { name: 'sentence_embedding', type: 'float32', dims: ['batch', DIM] },
];

/** Columns [from, to) of a matrix. */
function columns({ shape, data }: Weight, from: number, to: number): Weight {
  const [rows = 0, width = 0] = shape;
  const part = new Float32Array(rows * (to - from));
  for (let row = 0; row < rows; row++) part.set(data.subarray(row * width + from, row * width + to), row * (to - from));
  return { shape: [rows, to - from], data: part };
}

export function useLite(weights: Weights, precision: Precision): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const op = graph.op.bind(graph);
  const vector = (name: string, { shape, data }: Weight): string => graph.floats(name, shape, data);
  const half = (name: string, { shape, data }: Weight): string => {
    const stored = graph.constant(`${name}_h`, { type: 'float16', dims: shape, data: f32ToF16(data) });
    return graph.node('Cast', [stored], name, { to: TYPES.float32 });
  };

  /** A matrix that rows are multiplied with: one scale per output column. */
  function matrix(name: string, weight: Weight): string {
    if (precision === 'float16') return half(name, weight);
    const { values, scales } = quantise(weight, 'column');
    const inputs = [
      graph.constant(`${name}_q`, { type: 'int8', dims: weight.shape, data: values }),
      graph.floats(`${name}_s`, [scales.length], scales),
      graph.constant(`${name}_z`, { type: 'int8', dims: [scales.length], data: new Int8Array(scales.length) }),
    ];
    return graph.node('DequantizeLinear', inputs, name, { axis: 1 });
  }

  /** Rows of the table, picked before they are scaled, so that the whole table stays in eight bits. */
  function embeddings(weight: Weight): string {
    if (precision === 'float16') return op('Gather', [half('E', weight), 'input_ids']);
    const { values, scales } = quantise(weight, 'row');
    const table = graph.constant('E_q', { type: 'int8', dims: weight.shape, data: values });
    const rowScales = graph.floats('E_s', [scales.length, 1], scales);
    const rows = op('Cast', [op('Gather', [table, 'input_ids'])], { to: TYPES.float32 });
    return op('Mul', [rows, op('Gather', [rowScales, 'input_ids'])]);
  }

  const embedded = embeddings(weights('module/Embeddings_en'));
  const one = 'one0';
  const firstAxis = 'ax1';
  const zero = (): string => graph.constant('zero0', { type: 'int64', dims: [], data: BigInt64Array.of(0n) });
  const shape = op('Shape', ['input_ids']);
  const length = op('Gather', [shape, graph.constant(one, { type: 'int64', dims: [], data: BigInt64Array.of(1n) })]);
  let times = op('Cast', [op('Range', [zero(), length, one])], { to: TYPES.float32 });
  times = op('Unsqueeze', [times, graph.integers(firstAxis, [1])]);
  const angles = op('Mul', [times, vector('invts', weights('TimingSignal/ExpandDims_1'))]);
  const timing = op('Concat', [op('Sin', [angles]), op('Cos', [angles])], { axis: 1 });
  let x = op('Add', [op('Mul', [embedded, graph.scalar('two', 2)]), timing]);
  const mask = op('Cast', ['attention_mask'], { to: TYPES.float32 });
  const masked = op('Mul', [op('Sub', [graph.scalar('onef', 1), mask]), graph.scalar('neg', -1e9)]);
  const bias = op('Unsqueeze', [masked, graph.integers('ax12', [1, 2])]);

  for (const [layer, { width, headDim }] of LAYERS.entries()) {
    const name = `l${layer}`;
    const part = (ending: string): Weight => weights(`Layer_${layer}/TransformerLayer/${ending}`);
    const plain = (ending: string): Weight => part(`${ending}/ConcatPartitions/concat`);
    const normed = (number: number, prefix: string): string => {
      const scale = vector(`${name}g${number}`, plain(`${prefix}layer_prepostprocess/layer_norm/layer_norm_scale`));
      const shift = vector(`${name}b${number}`, plain(`${prefix}layer_prepostprocess/layer_norm/layer_norm_bias`));
      return op('LayerNormalization', [x, scale, shift], { axis: -1, epsilon: 1e-6 });
    };
    const dense = (input: string, key: string, kernel: Weight, biasKey: string, shift: Weight): string =>
      op('Add', [op('MatMul', [input, matrix(key, kernel)]), vector(biasKey, shift)]);

    const input = normed(1, '');
    const qkv = part('MultiheadAttention/qkv_transform_single/kernel/part_0');
    const shifts = plain('MultiheadAttention/qkv_transform_single/bias');
    const split = graph.integers(`${name}shp`, [0, 0, HEADS, headDim]);
    const [queries = '', keys = '', values = ''] = ['q', 'k', 'v'].map((letter, i) => {
      const [from, to] = [i * width, (i + 1) * width];
      const shift = { shape: [width], data: shifts.data.subarray(from, to) };
      const rows = dense(input, name + letter, columns(qkv, from, to), `${name}${letter}b`, shift);
      return op('Transpose', [op('Reshape', [rows, split])], { perm: letter === 'k' ? [0, 2, 3, 1] : [0, 2, 1, 3] });
    });
    const scores = op('Mul', [op('MatMul', [queries, keys]), graph.scalar(`${name}sc`, headDim ** -0.5)]);
    const attention = op('Softmax', [op('Add', [scores, bias])], { axis: -1 });
    const heads = op('Transpose', [op('MatMul', [attention, values])], { perm: [0, 2, 1, 3] });
    const joined = op('Reshape', [heads, graph.integers(`${name}sh2`, [0, 0, width])]);
    const attended = dense(
      joined,
      `${name}o`,
      part('MultiheadAttention/output_transform_single/kernel/part_0'),
      `${name}ob`,
      plain('MultiheadAttention/output_transform_single/bias'),
    );
    if (width !== DIM) x = dense(x, 'resw', plain('dense/kernel'), 'resb', plain('dense/bias'));
    x = op('Add', [x, attended]);
    const conv = (number: number): [Weight, string, Weight] => [
      part(`FFN/conv${number}/Tensordot/Reshape_1`),
      `${name}f${number}b`,
      plain(`FFN/conv${number}/bias`),
    ];
    const hidden = op('Relu', [dense(normed(2, 'FFN/'), `${name}f1`, ...conv(1))]);
    x = op('Add', [x, dense(hidden, `${name}f2`, ...conv(2))]);
  }

  const tokens = op('Unsqueeze', [mask, graph.integers('ax2', [2])]);
  const sum = op('ReduceSum', [op('Mul', [x, tokens]), firstAxis], { keepdims: 0 });
  const count = op('Max', [op('ReduceSum', [mask, firstAxis], { keepdims: 1 }), 'onef']);
  const mean = op('Div', [sum, count]);
  const last = op('MatMul', [mean, matrix('tw', weights('tanh_layer_0/weights'))]);
  const row = op('Tanh', [op('Add', [last, vector('tb', weights('tanh_layer_0/bias'))])]);
  const squares = op('ReduceSum', [op('Mul', [row, row]), firstAxis], { keepdims: 1 });
  const size = op('Sqrt', [op('Max', [squares, graph.scalar('eps', 1e-12)])]);
  const sentence = op('Div', [row, size], {}, 'sentence_embedding');
  const wide = op('Unsqueeze', [sentence, firstAxis]);
  op('Add', [wide, op('Mul', [tokens, graph.scalar('zf', 0)])], {}, 'last_hidden_state');
  return graph.model({ name: 'use_lite', producer: 'use-lite', inputs: INPUTS, outputs: OUTPUTS });
}
