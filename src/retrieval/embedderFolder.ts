// What a folder in hub layout says about the embedder in it: which file to run, how to pool, what to put before texts.
import { sha256Hex } from '../formats/sha256.ts';
import type { Embedder } from '../records/embedder.ts';

export type Read = (path: string) => Promise<Uint8Array<ArrayBuffer> | null>;

/** Smaller and faster first: they lose next to nothing. */
const PREFERRED = ['model_quantized', 'model_int8', 'model_fp16', 'model'];
const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
/** Passages are short: a longer context would only make a long question slow. */
const MOST_TOKENS = 512;
/** Their positions begin behind the padding token, so the table is two longer than the longest text. */
const OFFSET_POSITIONS = /^(xlm-)?roberta|^camembert|^mpnet/;

type Json = Readonly<Record<string, unknown>>;

const refuse = (rule: string, got: string): never => {
  throw new Error(
    `embedder: the folder must ${rule}, got ${got}. Choose a sentence embedder in the layout of the Hugging Face Hub.`,
  );
};

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

async function json(read: Read, path: string): Promise<Json> {
  const bytes = await read(path);
  if (!bytes) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isJson(value) ? value : {};
  } catch {
    return refuse(`hold JSON in ${path}`, `${bytes.length} bytes of something else`);
  }
}

/** The model to run. One whose weights lie in a second file is left aside, because it is read as one file. */
function modelFile(paths: readonly string[]): string {
  const models = paths.filter((path) => /^(onnx\/)?[^/]+\.onnx$/.test(path));
  const whole = models.filter((path) => !paths.some((other) => other.startsWith(`${path}_data`)));
  const rank = (path: string): number => {
    const name = path.replace(/^onnx\/|\.onnx$/g, '');
    return PREFERRED.includes(name) ? PREFERRED.indexOf(name) : PREFERRED.length;
  };
  const [best] = whole.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return best ?? refuse('hold a model in one file, onnx/*.onnx', models.length > 0 ? 'models in parts' : 'none');
}

function pooling(config: Json): Embedder['pooling'] {
  const modes = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true);
  if (modes.length === 0 || modes.join() === 'pooling_mode_mean_tokens') return 'mean';
  if (modes.join() === 'pooling_mode_cls_token') return 'cls';
  return refuse('pool by the mean or by the first token', modes.join(', '));
}

function maxTokens(config: Json, tokenizer: Json, sentences: Json): number {
  const offset = OFFSET_POSITIONS.test(String(config.model_type)) ? 2 : 0;
  const positions = Number(config.max_position_embeddings) - offset;
  const limits = [positions, Number(tokenizer.model_max_length), Number(sentences.max_seq_length)];
  return Math.min(MOST_TOKENS, ...limits.filter((limit) => limit > 0));
}

/** Trained prefixes: the folder's own, or those of the E5 family, which it knows by its name alone. */
function prefixes(name: string, config: Json, sentences: Json): Pick<Embedder, 'queryPrefix' | 'passagePrefix'> {
  const prompts = isJson(sentences.prompts) ? sentences.prompts : {};
  const prompt = (...keys: string[]): string | undefined =>
    keys.map((key) => prompts[key]).find((value) => typeof value === 'string' && value !== '') as string | undefined;
  const e5 = /(^|[^a-z0-9])e5([^a-z0-9]|$)/i.test(`${name} ${String(config._name_or_path)}`);
  return {
    queryPrefix: prompt('query') ?? (e5 ? 'query: ' : ''),
    passagePrefix: prompt('passage', 'document') ?? (e5 ? 'passage: ' : ''),
  };
}

/** `paths` are those of the files, relative to the folder. The dimension is learnt by running it. */
export async function describeFolder(
  read: Read,
  paths: readonly string[],
  name: string,
): Promise<Omit<Embedder, 'dim'>> {
  const missing = NEEDED.filter((path) => !paths.includes(path));
  if (missing.length > 0) refuse(`hold ${NEEDED.join(', ')}`, `no ${missing.join(' and no ')}`);
  const file = modelFile(paths);
  const optional = (path: string): Promise<Json> => (paths.includes(path) ? json(read, path) : Promise.resolve({}));
  const [config, tokenizer, modes, sentences, lengths, card, model] = await Promise.all([
    json(read, 'config.json'),
    json(read, 'tokenizer_config.json'),
    optional('1_Pooling/config.json'),
    optional('config_sentence_transformers.json'),
    optional('sentence_bert_config.json'),
    paths.includes('README.md') ? read('README.md') : null,
    read(file),
  ]);
  if (paths.some((path) => /^\d+_Dense\//.test(path)))
    refuse('hold the whole embedder in its ONNX file', 'a dense layer beside it');
  if (!model) return refuse(`hold ${file}`, 'a file that cannot be read');
  const hash = await sha256Hex(model);
  return {
    id: `local-${hash.slice(0, 16)}`,
    name,
    url: null,
    file,
    sha256: hash,
    bytes: model.length,
    maxTokens: maxTokens(config, tokenizer, lengths),
    pooling: pooling(modes),
    ...prefixes(name, config, sentences),
    languages: [],
    license: /^license: *(\S+)/m.exec(card ? new TextDecoder().decode(card) : '')?.[1] ?? 'unknown',
  };
}

/** Rows of one model may not be told to be those of another: the file must be the one that the record names. */
export async function checkModel(bytes: Uint8Array<ArrayBuffer>, embedder: Embedder): Promise<void> {
  const found = await sha256Hex(bytes);
  if (found !== embedder.sha256)
    throw new Error(
      `embedder: ${embedder.file} of ${embedder.name} must have the SHA-256 ${embedder.sha256.slice(0, 16)}…, got ` +
        `${found.slice(0, 16)}… Reload the page, or bring the folder again.`,
    );
}
