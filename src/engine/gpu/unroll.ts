// Expands marked hot loops of a shader: a loop over a private array costs a third of the speed on some adapters.

const MARK = /\/\/ @unroll[^\n]*\n\s*for \(var (\w+)(?:: u32)? = (\w+); \1 < ([^;]+); \1(?:\+\+| \+= 1u?)\) \{/;

/** Value of a loop bound: an integer, a known constant, or a product, quotient or sum of them. */
function bound(text: string, constants: Readonly<Record<string, number>>): number {
  const tokens = text.replaceAll(/\s+/g, '').match(/\w+|[*/+-]/g) ?? [];
  const value = (token: string | undefined): number => {
    const known = constants[token ?? ''];
    const n = known ?? Number((token ?? '').replace(/u$/, ''));
    if (!Number.isInteger(n))
      throw new Error(
        `unroll: a loop bound must be made of integers and constants, got "${text}". Prepend the constant.`,
      );
    return n;
  };
  let total = value(tokens[0]);
  for (let i = 1; i < tokens.length; i += 2) {
    const right = value(tokens[i + 1]);
    const op = tokens[i];
    total =
      op === '*' ? total * right : op === '/' ? Math.floor(total / right) : op === '+' ? total + right : total - right;
  }
  return total;
}

/** Replaces every `// @unroll` + `for (var i = 0u; i < N; i++) { … }` by N copies of its body, inner loops included. */
export function unroll(source: string, constants: Readonly<Record<string, number>> = {}): string {
  for (let match = MARK.exec(source); match; match = MARK.exec(source)) {
    const [head, name = '', start = '', end = ''] = match;
    const open = match.index + head.length;
    let depth = 1;
    let close = open;
    for (; depth > 0; close++) {
      if (close >= source.length)
        throw new Error(`unroll: braces must match, got an open loop over "${name}". Close it.`);
      if (source[close] === '{') depth++;
      if (source[close] === '}') depth--;
    }
    const body = source.slice(open, close - 1);
    const copies: string[] = [];
    for (let i = bound(start, constants); i < bound(end, constants); i++)
      copies.push(`{${body.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `${i}u`)}}`);
    source = source.slice(0, match.index) + copies.join('\n') + source.slice(close);
  }
  return source;
}
