// Every shader keeps the rules of shaders/README.md. Text alone, no GPU: what a driver forgives is refused here.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernel, type Constants } from '../src/engine/gpu/kernel.ts';
import { APPLE, HARDWARE, SOFTWARE } from '../src/engine/gpu/tune.ts';
import { closing, functions, value } from './wgsl.ts';

/** What the ops prepend, in its largest form: it sizes workgroups and their memory. */
const PREPENDED: Record<string, Constants[]> = {
  attention: [{ HEAD: 32, QUERIES: 4 }],
  attentionBackwardKV: [{ HEAD: 32, KEYS: 4 }],
  attentionBackwardQ: [{ HEAD: 32, QUERIES: 4 }],
  attentionDecode: [{ HEAD: 32, GROUP: 4 }],
  attentionStep: [{ HEAD: 32, GROUP: 4 }],
  sample: [{ LANES: 256 }],
  matmul: [],
  matmulDirect: [],
  matmulSkinny: [],
};
for (const { tiles, skinny } of [SOFTWARE, HARDWARE, APPLE]) {
  for (const { kernel, width: WIDTH, height: HEIGHT, rows: ROWS, columns: COLUMNS, depth: DEPTH } of tiles)
    PREPENDED[kernel === 'tiled' ? 'matmul' : 'matmulDirect']?.push({ WIDTH, HEIGHT, ROWS, COLUMNS, DEPTH });
  const { threads: THREADS, rows: ROWS, columns: COLUMNS, lanes: LANES } = skinny;
  PREPENDED.matmulSkinny?.push({ THREADS, ROWS, COLUMNS, LANES });
}

const LIMITS = { buffers: 8, invocations: 256, bytes: 16_384 };
const BYTES: Record<string, number> = { f32: 4, u32: 4, i32: 4, vec2f: 8, vec2u: 8, vec3f: 16, vec4f: 16, vec4u: 16 };

/** Words that WGSL keeps for later and that come to mind as names. */
const RESERVED = new Set(
  (
    'active as async attribute auto await become cast catch class common compile concept constexpr demote do enum ' +
    'export extends extern external filter final finally from get goto impl implements import inline interface layout ' +
    'lowp macro match meta mod module move mut namespace new nil null of operator package pass patch precise precision ' +
    'premerge priv protected pub public readonly ref regardless register require resource restrict self set shared ' +
    'sizeof smooth static std super target template this throw trait try type typedef typeid union unless unsafe use ' +
    'using varying virtual volatile where with writeonly yield'
  ).split(' '),
);

/** What breaks a rule, in words. */
function problems(stem: string, source: string, constants: Constants = {}): string[] {
  const found: string[] = [];
  const check = (holds: boolean, words: string) => void (holds || found.push(words));
  check(source.startsWith('// '), 'must open with a comment that says what it computes');

  const text = source.replaceAll(/\/\/[^\n]*/g, '');
  try {
    const { bindings, params } = kernel(stem, source);
    const order = bindings.map(({ access }) => ['read', 'read_write', 'uniform'].indexOf(access));
    check(order.join() === [...order].sort().join(), 'bindings must be inputs, then outputs, then params');
    check(bindings.filter((b) => b.access !== 'uniform').length <= LIMITS.buffers, 'at most 8 storage buffers');
    check(bindings.at(-1)?.name === 'params' && params.length > 0, 'the last binding must be params, a struct Params');
    const declared = text.match(/@binding\(/g)?.length ?? 0;
    check(declared === bindings.length, 'every binding must be @group(0), storage or uniform');
  } catch (error) {
    found.push((error as Error).message);
  }

  const known: Record<string, number> = { ...constants };
  for (const [, name = '', expression = ''] of text.matchAll(/^const (\w+)\s*=\s*([^;]+);/gm))
    known[name] = value(expression, known);
  const sizes = [...text.matchAll(/@workgroup_size\(([^)]*)\)/g)];
  check(sizes.length === 1, 'the workgroup size must be written once');
  const invocations = (sizes[0]?.[1] ?? '1').split(',').reduce((n, part) => n * value(part, known), 1);
  check(invocations <= LIMITS.invocations, `a workgroup may have 256 invocations, got ${invocations}`);

  let bytes = 0;
  for (const [, type = ''] of text.matchAll(/var<workgroup>\s+\w+\s*:\s*([^;]+);/g)) {
    const [, element = '', count = '1'] = /^array<(\w+),\s*(.+)>$/.exec(type) ?? ['', type];
    bytes += (BYTES[element] ?? Number.NaN) * value(count, known);
  }
  check(bytes <= LIMITS.bytes, `workgroup memory may be 16384 bytes, got ${bytes}`);

  for (const early of returnsBeforeBarriers(text)) found.push(`${early}: no return before a barrier`);
  for (const [, name = ''] of text.matchAll(/\b(?:let|var(?:<\w+>)?|const|fn|struct|alias)\s+(\w+)/g))
    check(!RESERVED.has(name), `"${name}" is a word that WGSL keeps for itself`);
  for (const name of loops(text).flatMap(uncleared))
    found.push(`${name} is declared in a loop: give it its value first, not every compiler clears it`);
  check(!/\batomic/.test(text), 'no atomics: their order differs from run to run');
  for (const [number] of text.matchAll(/\b\d[\d.]*e\+?\d+\b/g))
    check(Math.abs(Number(number)) <= 1e30, `masks must be finite and leave room, got ${number}`);
  return found;
}

/** Names of the functions in which a return can come before a barrier, also around a loop. Branches on constants are fine. */
function returnsBeforeBarriers(text: string): string[] {
  const all = functions(withoutConstantBranches(text));
  const waits = new Set<string>();
  const waitsIn = (body: string) =>
    /\b(workgroup|storage)Barrier\(|\bworkgroupUniformLoad\(/.test(body) ||
    [...waits].some((name) => new RegExp(`\\b${name}\\(`).test(body));
  for (let before = -1; before < waits.size;) {
    before = waits.size;
    for (const { name, body } of all) if (waitsIn(body)) waits.add(name);
  }
  const early = (body: string) =>
    [...body.matchAll(/\breturn\b/g)].some((m) => waitsIn(body.slice(m.index))) ||
    loops(body).some((loop) => /\breturn\b/.test(loop) && waitsIn(loop));
  return all.filter(({ body }) => early(body)).map(({ name }) => name);
}

/** The text without the returns of branches that every invocation takes or none: `if (LANES == 1u) { … return; }`. */
function withoutConstantBranches(text: string): string {
  for (const m of [...text.matchAll(/\bif \([A-Z_]+ == \d+u\) \{/g)].reverse()) {
    const open = m.index + m[0].length - 1;
    const end = closing(text, open);
    text = text.slice(0, open) + text.slice(open, end).replaceAll(/\breturn\b/g, '') + text.slice(end);
  }
  return text;
}

/** Variables of a loop's body that are declared without a value and then used before they get one. */
function uncleared(body: string): string[] {
  return [...body.matchAll(/\bvar\s+(\w+)\s*:[^=;]+;/g)].flatMap(({ 0: declaration, 1: name = '', index }) => {
    const use = new RegExp(`\\b${name}\\b(\\[[^\\]]*\\])?\\s*(=?=?)`).exec(body.slice(index + declaration.length));
    return use?.[2] === '=' ? [] : [name];
  });
}

/** Bodies of the loops, inner ones too. */
function loops(text: string): string[] {
  return [...text.matchAll(/\b(?:for|while)\s*\(|\bloop\s*\{/g)].map((m) => {
    const head = m[0].endsWith('{')
      ? m.index + m[0].length - 1
      : text.indexOf('{', closing(text, m.index + m[0].length - 1));
    return text.slice(head, closing(text, head));
  });
}

const folder = 'shaders';
const stems = readdirSync(folder)
  .filter((file) => file.endsWith('.wgsl') && file !== 'common.wgsl')
  .map((file) => file.replace('.wgsl', ''));

describe('shaders', () => {
  for (const stem of stems)
    it(`${stem}.wgsl keeps the rules`, () => {
      const source = readFileSync(`${folder}/${stem}.wgsl`, 'utf8');
      for (const constants of PREPENDED[stem] ?? [{}])
        expect(problems(stem, source, constants), JSON.stringify(constants)).toEqual([]);
    });

  it('are all in the list of shaders/README.md, and nothing else is', () => {
    const listed = [...readFileSync(`${folder}/README.md`, 'utf8').matchAll(/^\| `(\w+)\.wgsl`/gm)].map((m) => m[1]);
    expect(listed.sort()).toEqual([...stems, 'common'].sort());
  });
});

const GOOD = `// Doubles.   y = 2 · x
struct Params { size: u32 }
@group(0) @binding(0) var<storage, read>       x:      array<f32>;  // [size]
@group(0) @binding(1) var<storage, read_write> y:      array<f32>;  // [size]
@group(0) @binding(2) var<uniform>             params: Params;
var<workgroup> tile: array<f32, 64>;
fn wait() { workgroupBarrier(); }
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) i: u32) {
  tile[i] = x[i];
  wait();
  for (var n = 0u; n < 2u; n++) {
    var both = 2.0;
    y[i] = both * tile[i];
  }
}
`;

const FAULTS: [rule: string, from: string | RegExp, to: string, words: RegExp][] = [
  ['a first comment', /^\/\/[^\n]*\n/, '', /must open with a comment/],
  ['counting bindings', 'binding(1)', 'binding(4)', /bindings must count up from 0/],
  [
    'one group',
    '@group(0) @binding(1)',
    '@group(1) @binding(1)',
    /bindings must count up|every binding must be @group/,
  ],
  ['params last', 'params: Params;', 'settings: Params;', /the last binding must be params/],
  ['numbers in Params', 'size: u32', 'size: vec2u', /Params may hold only u32 and f32/],
  ['the entry', 'fn main', 'fn double', /the entry must be called main/],
  ['invocations', 'workgroup_size(64)', 'workgroup_size(64, 8)', /256 invocations, got 512/],
  ['one size', '@compute @workgroup_size(64)', '@compute', /size must be written once/],
  ['memory', 'array<f32, 64>', 'array<vec4f, 16u * 65u>', /16384 bytes, got 16640/],
  ['a return', 'tile[i] = x[i];', 'if (i > 9u) { return; }', /main: no return before a barrier/],
  [
    'a return in a helper',
    'fn wait() {',
    'fn wait() { if (tile[0] > 0.0) { return; }',
    /wait: no return before a barrier/,
  ],
  ['a return around a loop', 'var both = 2.0;', 'wait(); if (i > 9u) { return; }', /main: no return before a barrier/],
  ['reserved words', 'tile: array', 'shared: array', /"shared" is a word/],
  ['values in loops', 'var both = 2.0;', 'var both: f32; both += 2.0;', /both is declared in a loop/],
  ['atomics', 'tile[i] = x[i];', 'atomicAdd(&sum, 1u);', /no atomics/],
  ['finite masks', '2.0;', '-3.4e38;', /must be finite/],
];

describe('each rule can fail', () => {
  it('a good shader has no problem', () => expect(problems('good', GOOD)).toEqual([]));

  for (const [rule, from, to, words] of FAULTS)
    it(rule, () => {
      const bad = GOOD.replace(from, to);
      expect(bad).not.toBe(GOOD);
      expect(problems('bad', bad).join('\n')).toMatch(words);
    });

  it('order of bindings', () => {
    const bad = GOOD.replace('read>       x', 'read_write> x').replace('read_write> y', 'read> y');
    expect(problems('bad', bad)).toEqual(['bindings must be inputs, then outputs, then params']);
  });

  it('number of buffers', () => {
    const more = [...'abcdefg'].map(
      (n, i) => `@group(0) @binding(${i + 2}) var<storage, read_write> ${n}: array<f32>;`,
    );
    const bad = GOOD.replace('@group(0) @binding(2)', `${more.join('\n')}\n@group(0) @binding(9)`);
    expect(problems('bad', bad)).toEqual(['at most 8 storage buffers']);
  });

  it('a size that nobody knows', () => {
    expect(() => problems('bad', GOOD.replace('f32, 64>', 'f32, WIDE>'))).toThrow(/WIDE/);
    expect(problems('good', GOOD.replace('f32, 64>', 'f32, WIDE>'), { WIDE: 64 })).toEqual([]);
  });
});
