// ONNX, writing only: tensors, nodes and a model, with fields in the order in which Python's onnx writes them.
import { bytes, float, int, join } from './protobuf.ts';

/** TensorProto.DataType. */
export const TYPES = { float32: 1, int8: 3, int64: 7, float16: 10 } as const;
export type Type = keyof typeof TYPES;

export interface Tensor {
  type: Type;
  dims: readonly number[];
  data: ArrayBufferView;
}

/** A whole number is written as an integer, any other as a float. */
export type Attributes = Record<string, number | readonly number[]>;

/** AttributeProto.AttributeType. */
const FLOAT = 1;
const INT = 2;
const INTS = 7;

function attribute(name: string, value: number | readonly number[]): Uint8Array {
  if (typeof value === 'object') return join([bytes(1, name), ...value.map((each) => int(8, each)), int(20, INTS)]);
  const whole = Number.isInteger(value);
  return join([bytes(1, name), whole ? int(3, value) : float(2, value), int(20, whole ? INT : FLOAT)]);
}

function initializer(name: string, { type, dims, data }: Tensor): Uint8Array {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return join([...dims.map((dim) => int(1, dim)), int(2, TYPES[type]), bytes(8, name), bytes(9, raw)]);
}

/** An input or output of the graph; a dimension is a number, or a name where it may differ from call to call. */
export interface Port {
  name: string;
  type: Type;
  dims: readonly (number | string)[];
}

function port({ name, type, dims }: Port): Uint8Array {
  const shape = join(dims.map((dim) => bytes(1, typeof dim === 'string' ? bytes(2, dim) : int(1, dim))));
  return join([bytes(1, name), bytes(2, bytes(1, join([int(1, TYPES[type]), bytes(2, shape)])))]);
}

/** Grows a graph; every call returns the name of the value that it adds. */
export class Graph {
  #nodes: Uint8Array[] = [];
  #initializers: Uint8Array[] = [];
  #count = 0;

  constant(name: string, tensor: Tensor): string {
    this.#initializers.push(initializer(name, tensor));
    return name;
  }

  floats(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    return this.constant(name, { type: 'float32', dims, data: Float32Array.from(values) });
  }

  /** One number, without dimensions. */
  scalar(name: string, value: number): string {
    return this.floats(name, [], [value]);
  }

  integers(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    return this.constant(name, { type: 'int64', dims: [values.length], data });
  }

  /** A node whose output gets this name. */
  node(type: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
    this.#nodes.push(
      join([
        ...inputs.map((input) => bytes(1, input)),
        bytes(2, output),
        bytes(4, type),
        ...sorted.map(([name, value]) => bytes(5, attribute(name, value))),
      ]),
    );
    return output;
  }

  /** A node whose output is named after its type and its number, unless a name is given. */
  op(type: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    this.#count += 1;
    return this.node(type, inputs, output ?? `${type}_${this.#count}`, attributes);
  }

  /** The file: IR version 8, operator set 17. */
  model(about: { name: string; producer: string; inputs: readonly Port[]; outputs: readonly Port[] }) {
    const graph = join([
      ...this.#nodes.map((each) => bytes(1, each)),
      bytes(2, about.name),
      ...this.#initializers.map((each) => bytes(5, each)),
      ...about.inputs.map((each) => bytes(11, port(each))),
      ...about.outputs.map((each) => bytes(12, port(each))),
    ]);
    const operators = join([bytes(1, ''), int(2, 17)]);
    return join([int(1, 8), bytes(2, about.producer), bytes(7, graph), bytes(8, operators)]);
  }
}
