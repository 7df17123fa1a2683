// Rows become ids and masks: what is asked has the ids that it has in Ask, what is learned is the answer and its end.
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeRow, type EncodedRow } from '../../../src/engine/training/rows.ts';
import { Tokenizer } from '../../../src/engine/tokenizer.ts';
import type { DemonstrationRow } from '../../../src/records/demonstration.ts';
import { filesIn, json } from '../files.ts';

let nano: Tokenizer;
let files: { tokenizer: Record<string, unknown>; config: Record<string, unknown> };
beforeAll(async () => {
  nano = await Tokenizer.load(filesIn('public/models/nano'));
  files = {
    tokenizer: await json('public/models/nano/tokenizer.json'),
    config: await json('public/models/nano/tokenizer_config.json'),
  };
});

/** nano's vocabulary under another template. */
const withTemplate = (template: string | null): Tokenizer =>
  new Tokenizer(files.tokenizer, { ...files.config, chat_template: undefined }, template);
const encode = (tokenizer: Tokenizer, row: DemonstrationRow, joiner = '', maxLength = 512): EncodedRow =>
  encodeRow(tokenizer, row, { joiner, maxLength });
/** What carries loss, and what does not, as text. */
const halves = (tokenizer: Tokenizer, { ids, mask }: EncodedRow): [string, string] => [
  tokenizer.decode(
    ids.filter((_, i) => mask[i] === 0),
    true,
  ),
  tokenizer.decode(
    ids.filter((_, i) => mask[i] === 1),
    true,
  ),
];

const QUESTION = 'Who runs it?\n\nContext:\n[1] Anna runs it.';

describe('prompt and completion', () => {
  it('the prompt has the ids of the same question in Ask; the answer and its end carry loss', () => {
    const row = encode(nano, { prompt: QUESTION, completion: 'Anna.' });
    const asked = nano.chat([{ role: 'user', content: QUESTION }]);
    expect(row.ids.slice(0, asked.length)).toEqual(asked);
    expect(row.ids.slice(asked.length)).toEqual([...nano.encode('Anna.'), nano.eosId]);
    expect([...row.mask]).toEqual(row.ids.map((_, i) => Number(i >= asked.length)));
    expect(row.cutTokens).toBe(0);
  });
  it('the joiner stands between them and is learned', () => {
    const [, learned] = halves(nano, encode(nano, { prompt: 'a', completion: 'b' }, ' '));
    expect(learned).toBe(' b<|eos|>');
  });
  it('without a chat template, the end is added all the same', () => {
    const plain = withTemplate(null);
    expect(halves(plain, encode(plain, { prompt: 'a b', completion: ' c' }))).toEqual(['a b', ' c<|eos|>']);
  });
  it('a template that rewrites what was asked does not change the prompt', () => {
    const odd = withTemplate(
      '{% for m in messages %}({{ messages|length }}){{ m.content }}{% endfor %}{% if add_generation_prompt %}>{% endif %}',
    );
    expect(halves(odd, encode(odd, { prompt: 'a', completion: 'b' }))).toEqual(['(1)a>', 'b<|eos|>']);
  });
  it('too long: cut from the end, and said; nothing to learn is left of it then', () => {
    const whole = encode(nano, { prompt: QUESTION, completion: 'Anna.' });
    const cut = encode(nano, { prompt: QUESTION, completion: 'Anna.' }, '', 10);
    expect(cut.ids).toEqual(whole.ids.slice(0, 10));
    expect(cut.cutTokens).toBe(whole.ids.length - 10);
    expect(cut.mask.includes(1)).toBe(false);
  });
});

describe('plain text', () => {
  it('every token but the first carries loss, the end too', () => {
    const { ids, mask } = encode(nano, { text: 'Anna runs it.' });
    expect(ids.at(-1)).toBe(nano.eosId);
    expect([...mask]).toEqual(ids.map((_, i) => Number(i > 0)));
  });
  it('an end that is there already is not doubled', () => {
    const { ids } = encode(nano, { text: 'Anna.<|eos|>' });
    expect(ids.filter((id) => id === nano.eosId)).toHaveLength(1);
  });
  it('an end between two texts is not the end of the row', () => {
    const { ids } = encode(nano, { text: 'Anna.<|eos|>Lyon.' });
    expect(nano.decode(ids, true)).toMatch(/^(<\|bos\|>)?Anna\.<\|eos\|>\s?Lyon\.<\|eos\|>$/);
  });
});

const MESSAGES = [
  { role: 'system', content: 'Be short.' },
  { role: 'user', content: 'Who?' },
  { role: 'assistant', content: 'Anna.' },
  { role: 'user', content: 'Where?' },
  { role: 'assistant', content: 'Lyon.' },
] as const;

describe('conversations', () => {
  const CHATML =
    '{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ eos_token }}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}';
  it('only what the assistant says carries loss, each time with its end', () => {
    const chat = withTemplate(CHATML);
    const row = encode(chat, { messages: [...MESSAGES] });
    const [, learned] = halves(chat, row);
    expect(learned).toBe('Anna.<|eos|>\nLyon.<|eos|>\n');
    expect(chat.decode(row.ids, true)).toBe(chat.render(MESSAGES, false));
  });
  it('the joiner stands before every answer and is learned, however the template is rendered', () => {
    for (const template of [CHATML, `({{ messages|length }})${CHATML}`, null]) {
      const chat = withTemplate(template);
      const [, learned] = halves(chat, encode(chat, { messages: [...MESSAGES] }, ' '));
      expect(learned).toMatch(/ Anna\.[^]* Lyon\./);
    }
  });
  it('an end that an answer quotes does not take the place of its own', () => {
    const bare = withTemplate('{% for m in messages %}{{ m.content }}{% endfor %}');
    const content = 'The end is <|eos|> here';
    const [, learned] = halves(bare, encode(bare, { messages: [{ role: 'assistant', content }] }));
    expect(learned.endsWith('here<|eos|>')).toBe(true);
  });
  it('a template that drops earlier turns, thoughts or marks is rendered once, with the answers marked', () => {
    // Says how many turns there are: no prefix of it is the beginning of the whole.
    const chat = withTemplate(`({{ messages|length }})${CHATML}`);
    const row = encode(chat, { messages: [...MESSAGES] });
    const [asked, learned] = halves(chat, row);
    expect(learned).toBe('Anna.<|eos|>Lyon.<|eos|>');
    expect(asked.startsWith('(5)[system]Be short.')).toBe(true);
    expect(chat.decode(row.ids, true)).toBe(chat.render(MESSAGES, false));
  });
});
