// A kernel: a shader's text and what its header says about bindings and parameters. The header is the only truth.
import commonSource from '../../../shaders/common.wgsl?raw';
import { unroll } from './unroll.ts';

export interface Binding {
  name: string;
  index: number;
  access: 'read' | 'read_write' | 'uniform';
}

export interface ParamField {
  name: string;
  type: 'u32' | 'f32';
}

export interface Kernel {
  /** File stem; label of every GPU object made from it. */
  stem: string;
  source: string;
  bindings: readonly Binding[];
  /** Fields of `struct Params`, four bytes each, in order. */
  params: readonly ParamField[];
}

/** Values that size registers or loops: prepended as `const NAME = 4u;`, since `override` cannot size private arrays. */
export type Constants = Readonly<Record<string, number>>;

const BINDING =
  /@group\(0\)\s*@binding\((\d+)\)\s*var<(storage, read_write|storage, read|storage|uniform)>\s*(\w+)\s*:/g;
const PARAMS = /struct Params\s*\{([^}]*)\}/;

/** Reads the header of `shaders/<stem>.wgsl` once; throws when it breaks the rules of a shader. */
export function kernel(stem: string, source: string): Kernel {
  const bindings: Binding[] = [...source.matchAll(BINDING)].map(([, index, space = '', name = '']) => ({
    name,
    index: Number(index),
    access: space === 'uniform' ? 'uniform' : space === 'storage, read_write' ? 'read_write' : 'read',
  }));
  bindings.forEach((b, i) => {
    if (b.index !== i)
      throw new Error(
        `${stem}.wgsl: bindings must count up from 0, got @binding(${b.index}) for ${b.name}. Renumber them.`,
      );
  });
  if (!/fn main\s*\(/.test(source))
    throw new Error(`${stem}.wgsl: the entry must be called main, got none. Rename it.`);
  const fields = PARAMS.exec(source)?.[1] ?? '';
  const params = fields
    .replaceAll(/\/\/[^\n]*/g, '')
    .split(',')
    .map((f) => f.trim())
    .filter(Boolean)
    .map((f): ParamField => {
      const [, name = '', type] = /^(\w+)\s*:\s*(\w+)$/.exec(f) ?? [];
      if (type !== 'u32' && type !== 'f32')
        throw new Error(
          `${stem}.wgsl: Params may hold only u32 and f32, got "${f}". Put arrays into a storage buffer.`,
        );
      return { name, type };
    });
  return { stem, source, bindings, params };
}

/** The text that is compiled: features, constants, the shader, and common.wgsl where the shader says `// @common`. */
export function wgsl(k: Kernel, constants: Constants = {}): string {
  const consts = Object.entries(constants).map(([name, value]) => `const ${name} = ${value}u;\n`);
  const common = k.source.includes('// @common') ? `\n${commonSource}` : '';
  return consts.join('') + unroll(k.source + common, constants);
}

/** Checks that `given` names exactly the storage bindings of the kernel; says what is unknown and what is missing. */
export function checkNames(k: Kernel, given: readonly string[], params: readonly string[]): void {
  const complain = (what: string, names: readonly string[], wanted: readonly string[]) => {
    const unknown = names.filter((n) => !wanted.includes(n));
    const missing = wanted.filter((n) => !names.includes(n));
    if (unknown.length || missing.length)
      throw new Error(
        `${k.stem}: ${what} must be named as in its header, got unknown [${unknown.join(', ')}], missing ` +
          `[${missing.join(', ')}]. The header has [${wanted.join(', ')}].`,
      );
  };
  complain(
    'buffers',
    given,
    k.bindings.filter((b) => b.access !== 'uniform').map((b) => b.name),
  );
  complain(
    'params',
    params,
    k.params.map((p) => p.name),
  );
}

/** Params as bytes, in the order of the struct. */
export function packParams(k: Kernel, values: Readonly<Record<string, number>>): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(Math.max(16, Math.ceil(k.params.length / 4) * 16)));
  k.params.forEach(({ name, type }, i) => {
    const value = values[name] ?? Number.NaN;
    if (type === 'f32') view.setFloat32(4 * i, value, true);
    else if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) view.setUint32(4 * i, value, true);
    else
      throw new Error(`${k.stem}: params.${name} must be a whole number below 2^32, got ${value}. Check the caller.`);
  });
  return new Uint8Array(view.buffer);
}
