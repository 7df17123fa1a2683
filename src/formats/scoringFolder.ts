// What stands beside a reward model's weights so that transformers scores with it as we do: the base's tokenizer with a pad
// token that is no end token, and the lines that load both.
//
// LlamaForSequenceClassification reads its score at the rightmost token that is not the pad token. Where that is the end
// token, as TRL falls back to, the token before the end is read instead of the end itself, and every score is another one.
import { PeftError } from './peft.ts';

export interface PadToken {
  id: number;
  text: string;
}

/** Texts of the base's folder by name; null where it has no such file. */
export type BaseTexts = Readonly<Record<string, string | null>>;

/** Read for the choice of the pad token, or written beside the weights. */
export const SCORING_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
] as const;

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function json(texts: BaseTexts, name: string): Json {
  const text = texts[name];
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (isObject(value)) return value;
  } catch {
    // told below
  }
  throw new PeftError(`${name}: that of the base must be a JSON object, got another text. Load the base again.`);
}

interface Added extends PadToken {
  special: boolean;
}

function addedTokens(tokenizer: Json): Added[] {
  const given: readonly unknown[] = Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : [];
  return given.flatMap((token) =>
    isObject(token) && typeof token.id === 'number' && typeof token.content === 'string'
      ? [{ id: token.id, text: token.content, special: token.special === true }]
      : [],
  );
}

const idsOf = (value: unknown): number[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter((id): id is number => typeof id === 'number');

/** A special token is written as text, or as an object that holds it. */
const contentOf = (token: unknown): unknown => (isObject(token) ? token.content : token);

/** That of the base where it is none of the end tokens; else another special token, those made for no text first. */
export function padToken(texts: BaseTexts): PadToken {
  const [config, generation] = [json(texts, 'config.json'), json(texts, 'generation_config.json')];
  const [tokenizer, settings] = [json(texts, 'tokenizer.json'), json(texts, 'tokenizer_config.json')];
  const added = addedTokens(tokenizer);
  const named = (name: string): PadToken | undefined => added.find(({ text }) => text === contentOf(settings[name]));
  const ends = new Set([...idsOf(config.eos_token_id), ...idsOf(generation.eos_token_id)]);
  const end = named('eos_token');
  if (end) ends.add(end.id);
  const begins = named('bos_token')?.id;
  const own = [named('pad_token'), ...added.filter(({ id }) => id === config.pad_token_id)];
  const rank = ({ id, text }: PadToken): number =>
    id === begins ? 3 : /pad/i.test(text) ? 0 : /reserved|unused|unk/i.test(text) ? 1 : 2;
  const others = added.filter(({ special }) => special).sort((a, b) => rank(a) - rank(b) || a.id - b.id);
  const found = [...own, ...others].find((token) => token !== undefined && !ends.has(token.id));
  if (!found)
    throw new PeftError(
      'export: a reward model needs a pad token that is no end token, got a tokenizer without another special token. ' +
        'Add one to the base.',
    );
  return { id: found.id, text: found.text };
}

/** The tokenizer's files, the pad token named in them. */
export function scoringTokenizer(texts: BaseTexts, pad: PadToken): { path: string; text: string }[] {
  const padded = (name: string): string =>
    `${JSON.stringify({ ...json(texts, name), pad_token: pad.text }, null, 2)}\n`;
  return SCORING_FILES.filter((name) => /token|chat/.test(name)).flatMap((path) => {
    const text = texts[path];
    if (text === null || text === undefined) return [];
    return [{ path, text: /^(tokenizer_config|special_tokens_map)/.test(path) ? padded(path) : text }];
  });
}

/** Python that loads the folder and scores as it was trained: prompt and completion apart, the end token behind. */
export function scoringCode(texts: BaseTexts, pad: PadToken, joiner: string): string {
  const chats = Boolean(texts['chat_template.jinja'] ?? json(texts, 'tokenizer_config.json').chat_template);
  const asked = chats
    ? [
        '    turns = [{"role": "user", "content": prompt}]',
        '    asked = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)',
        '    ids = tokenizer(asked, add_special_tokens=False).input_ids',
      ]
    : ['    ids = tokenizer(prompt).input_ids'];
  const text = joiner === '' ? 'completion' : `${JSON.stringify(joiner)} + completion`;
  return [
    'import torch',
    'from peft import PeftModel',
    'from transformers import AutoModelForSequenceClassification, AutoTokenizer',
    '',
    'base = AutoModelForSequenceClassification.from_pretrained(',
    `    "folder/of/the/base", num_labels=1, pad_token_id=${pad.id}, dtype=torch.float32`,
    ')',
    'model = PeftModel.from_pretrained(base, "this/folder").eval()',
    'tokenizer = AutoTokenizer.from_pretrained("this/folder")',
    '',
    '',
    'def score(prompt, completion):',
    ...asked,
    `    ids += tokenizer(${text}, add_special_tokens=False).input_ids + [tokenizer.eos_token_id]`,
    '    with torch.no_grad():',
    '        return model(torch.tensor([ids])).logits[0, 0].item()',
  ].join('\n');
}
