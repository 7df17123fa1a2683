// Reads just enough WGSL for the rules of the shaders: matching brackets, functions, sizes made of constants.

/** Index of the bracket that closes the one at `open`. */
export function closing(text: string, open: number): number {
  const pairs: Record<string, string> = { '{': '}', '(': ')' };
  const opens = text[open] ?? '';
  const closes = pairs[opens] ?? '';
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === opens) depth++;
    if (text[i] === closes && --depth === 0) return i;
  }
  throw new Error(`wgsl: brackets must match, got an open "${opens}" at ${open}. Close it.`);
}

/** Functions with their bodies; `text` has no comments. */
export function functions(text: string): { name: string; body: string }[] {
  return [...text.matchAll(/\bfn (\w+)\s*\(/g)].map((m) => {
    const body = text.indexOf('{', closing(text, m.index + m[0].length - 1));
    return { name: m[1] ?? '', body: text.slice(body, closing(text, body)) };
  });
}

/** Value of an expression of whole numbers, known constants, + - * / and brackets; NaN for any other constant. */
export function value(expression: string, known: Readonly<Record<string, number>>): number {
  const tokens = expression.match(/\w+(?:\.\w+)?|\S/g) ?? [];
  let at = 0;

  function atom(): number {
    const token = tokens[at++] ?? '';
    if (token === '(') {
      const inner = sum();
      at++;
      return inner;
    }
    if (token === '-') return -atom();
    if (/^\d/.test(token)) return Number(token.replace(/[uf]$/, ''));
    const constant = known[token];
    if (constant === undefined)
      throw new Error(
        `wgsl: a size must be made of known constants, got "${token}" in "${expression}". Say its largest value.`,
      );
    return constant;
  }

  function product(): number {
    let total = atom();
    while (tokens[at] === '*' || tokens[at] === '/') {
      const times = tokens[at++] === '*';
      const right = atom();
      total = times ? total * right : Math.floor(total / right);
    }
    return total;
  }

  function sum(): number {
    let total = product();
    while (tokens[at] === '+' || tokens[at] === '-') total += tokens[at++] === '+' ? product() : -product();
    return total;
  }

  return sum();
}
