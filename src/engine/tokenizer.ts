// The model's own tokenizer and chat template: text ↔ ids, and text that grows token by token without half characters.
import { Template } from '@huggingface/jinja';
import { Tokenizer as Encoder } from '@huggingface/tokenizers';
import type { ModelFiles } from './models/weights.ts';

export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** One token as a person sees it: the text that it adds; the bytes of a character count for its last token. */
export interface TokenPiece {
  id: number;
  text: string;
  special: boolean;
}

const SPECIAL_NAMES = ['bos_token', 'eos_token', 'pad_token', 'unk_token'] as const;
/** What a decoder writes for bytes that are not, or not yet, a character. */
const UNFINISHED = '\uFFFD';

function parse(text: string | null, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new TokenizerError(
    `${file}: must be a JSON object, got ${text === null ? 'no file' : JSON.stringify(text.slice(0, 40))}. ` +
      'Download the model again.',
  );
}

/** A template alone, or the one called "default" of a list of named ones; null where a model has none. */
function templateText(config: Record<string, unknown>): string | null {
  const given = config.chat_template;
  if (Array.isArray(given)) {
    const named = given as { name?: unknown; template?: unknown }[];
    const chosen = named.find((t) => t.name === 'default') ?? named[0];
    return typeof chosen?.template === 'string' ? chosen.template : null;
  }
  return typeof given === 'string' ? given : null;
}

/** A special token is written as text, or as an object that holds it. */
function content(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  const inner = (token as { content?: unknown } | null | undefined)?.content;
  return typeof inner === 'string' ? inner : undefined;
}

export class Tokenizer {
  readonly #encoder: Encoder;
  readonly #template: Template | null;
  /** What a chat template may name: bos_token, eos_token … */
  readonly #names: Readonly<Record<string, string>>;
  readonly #special: ReadonlySet<number>;

  constructor(tokenizer: Record<string, unknown>, config: Record<string, unknown>, template: string | null) {
    this.#encoder = new Encoder(tokenizer, config);
    this.#template = template === null ? null : new Template(template);
    this.#names = Object.fromEntries(
      SPECIAL_NAMES.flatMap((name) => {
        const text = content(config[name]);
        return text === undefined ? [] : [[name, text]];
      }),
    );
    const added = this.#encoder.get_added_tokens_decoder();
    this.#special = new Set([...added.values()].filter((t) => t.special).map((t) => t.id));
  }

  static async load(files: ModelFiles): Promise<Tokenizer> {
    const [tokenizer, config, template] = await Promise.all(
      ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'].map((name) => files.text(name)),
    );
    const parsed = parse(config ?? null, 'tokenizer_config.json');
    try {
      return new Tokenizer(parse(tokenizer ?? null, 'tokenizer.json'), parsed, template ?? templateText(parsed));
    } catch (error) {
      if (error instanceof TokenizerError) throw error;
      const problem = error instanceof Error ? error.message : String(error);
      throw new TokenizerError(
        `tokenizer.json: must be one that we can read, got "${problem}". Choose another model.`,
        {
          cause: error,
        },
      );
    }
  }

  /** Ids of bare text: nothing is put before or after it. */
  encode(text: string): number[] {
    return text === '' ? [] : this.#encoder.encode(text, { add_special_tokens: false }).ids;
  }

  /** Ids of a conversation, ready for the assistant's answer. A model without a chat template gets its last message
   *  as plain text, with the tokens that its tokenizer puts around text. */
  chat(messages: readonly Message[]): number[] {
    const text = this.render(messages, true);
    return text === null ? this.#encoder.encode(messages.at(-1)?.content ?? '').ids : this.encode(text);
  }

  /** Ids of a text with the tokens that the tokenizer puts around texts. */
  encodeWhole(text: string): number[] {
    return this.#encoder.encode(text).ids;
  }

  /** The end-of-text token of the tokenizer's settings; undefined where it names none. */
  get eosId(): number | undefined {
    const name = this.#names.eos_token;
    return name === undefined ? undefined : this.#encoder.token_to_id(name);
  }

  /** A conversation through the chat template; null for a model without one. */
  render(messages: readonly Message[], addGenerationPrompt: boolean): string | null {
    if (!this.#template) return null;
    try {
      return this.#template.render({
        ...this.#names,
        messages: [...messages],
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new TokenizerError(`chat template: must accept the conversation, got "${problem}". Choose another model.`, {
        cause: error,
      });
    }
  }

  /** The text of the ids, special tokens left out unless `special`. */
  decode(ids: readonly number[], special = false): string {
    const known = ids.filter(
      (id) => this.#encoder.id_to_token(id) !== undefined && (special || !this.#special.has(id)),
    );
    // Cleaning up spaces would change text that is already right.
    return known.length === 0 ? '' : this.#encoder.decode(known, { clean_up_tokenization_spaces: false });
  }

  isSpecial(id: number): boolean {
    return this.#special.has(id);
  }

  /** One piece per id; their texts in a row are the text of all ids. */
  pieces(ids: readonly number[]): TokenPiece[] {
    const stream = new TextStream(this, true);
    return ids.map((id, i) => {
      const text = stream.push([id]) + (i === ids.length - 1 ? stream.end() : '');
      return { id, text, special: this.isSpecial(id) };
    });
  }
}

/** Decodes ids as they come. A character whose bytes are not all there yet is held back; special tokens end it. */
export class TextStream {
  #ids: number[] = [];
  /** Text of ids [from, read) is out already; it is decoded again because a token's text depends on its neighbour. */
  #from = 0;
  #read = 0;

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly special = false,
  ) {}

  /** The text that is certain now and was not before. */
  push(ids: readonly number[]): string {
    let out = '';
    for (const id of ids) {
      if (!this.special && this.tokenizer.isSpecial(id)) continue;
      this.#ids.push(id);
      const { before, after } = this.#window();
      if (after.endsWith(UNFINISHED) || after.length < before.length) continue;
      out += after.slice(before.length);
      this.#from = this.#read;
      this.#read = this.#ids.length;
    }
    return out;
  }

  /** What is still held back, however broken. */
  end(): string {
    const { before, after } = this.#window();
    this.#from = this.#read = this.#ids.length;
    return after.slice(before.length);
  }

  #window(): { before: string; after: string } {
    const decode = (to?: number): string => this.tokenizer.decode(this.#ids.slice(this.#from, to), this.special);
    return { before: decode(this.#read), after: decode() };
  }
}
