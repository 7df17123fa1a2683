// Weights stored as halves (dtype f16: two to a word): the same shader text, with another `Stored` and another reader of it.

const WIDEN: Readonly<Record<string, { stored: string; read: (table: string) => string }>> = {
  f32: { stored: 'u32', read: (table) => `unpack2x16float(${table}[i / 2u])[i % 2u]` },
  vec4f: { stored: 'vec2u', read: (table) => `vec4f(unpack2x16float(${table}[i].x), unpack2x16float(${table}[i].y))` },
};
const STORED = /^alias Stored = (f32|vec4f);$/m;
const READ = /^fn (\w+)\(i: u32\) -> (f32|vec4f) \{ return (\w+)\[i\]; \}$/m;

/** A shader over an f32 matrix made one over the same matrix in halves; everything else stays f32. */
export function overHalves(stem: string, source: string): string {
  const element = STORED.exec(source)?.[1] ?? '';
  const [, name = '', result = '', table = ''] = READ.exec(source) ?? [];
  const widen = WIDEN[element];
  if (!widen || result !== element)
    throw new Error(
      `${stem}.wgsl: must say "alias Stored = …;" and "fn read…(i: u32) -> … { return …[i]; }", got a text without. ` +
        'Add the lines.',
    );
  return source
    .replace(STORED, `alias Stored = ${widen.stored};`)
    .replace(READ, `fn ${name}(i: u32) -> ${element} { return ${widen.read(table)}; }`);
}
