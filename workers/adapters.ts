// Adapters in storage and out of it: the file first, then its record; a PEFT folder out; the base with one folded in.
import { qualityOf } from '../src/curation/rewardQuality.ts';
import type { StoredAdapter } from '../src/engine/decoders.ts';
import { readAdapterWeights, writeAdapterWeights, type AdapterPart } from '../src/formats/adapterWeights.ts';
import { fnv1a } from '../src/formats/hash.ts';
import { modelCard, type Card } from '../src/formats/modelCard.ts';
import { CONFIG_FILE, WEIGHTS_FILE, writePeftConfig } from '../src/formats/peft.ts';
import {
  padToken,
  SCORING_FILES,
  scoringCode,
  scoringTokenizer,
  type BaseTexts,
} from '../src/formats/scoringFolder.ts';
import { collectSafetensors, type WritableTensor } from '../src/formats/safetensors.ts';
import { writeZip, type NewPart } from '../src/formats/zip.ts';
import { ADAPTER_VERSION, adapterPath, type Adapter } from '../src/records/adapter.ts';
import { SHIPPED_MODELS, type BaseModel } from '../src/records/baseModel.ts';
import type { RewardQuality } from '../src/records/rewardQuality.ts';
import { write } from '../src/storage/database.ts';
import { piecesOf, readFile, writeFile } from '../src/storage/files.ts';
import { adapterLock, deleteAdapterFilesOfGone } from '../src/storage/ownedFiles.ts';
import { database } from './database.ts';

/** What is counted from its weights comes by itself. */
export type NewAdapter = Omit<Adapter, 'parameters' | 'bytes' | 'version'>;

/** `name` is what the message table tests. */
class Gone extends Error {
  constructor(
    override name: 'AdapterGone' | 'ProjectGone',
    message: string,
  ) {
    super(message);
  }
}

/** `parts` as engine/lora.ts places them; `values` the flat array; `head` of one that scores. Replaces one of the same id. */
export async function writeAdapter(
  made: NewAdapter,
  parts: readonly AdapterPart[],
  values: Float32Array,
  head: Float32Array | null = null,
): Promise<Adapter> {
  const about = { base_model: made.baseModelId, base_sha256: made.baseSha256 };
  const bytes = writeAdapterWeights(parts, values, about, head);
  const parameters = parts.reduce((sum, { shape }) => sum + shape[0] * shape[1], head?.length ?? 0);
  const adapter: Adapter = { ...made, parameters, bytes: bytes.length, version: ADAPTER_VERSION };
  const db = await database();
  try {
    await navigator.locks.request(adapterLock(made.id), async () => {
      await writeFile(adapterPath(made.id), piecesOf(new Blob([bytes])));
      await write(db, ['projects', 'adapters'], async (tx) => {
        if (!(await tx.objectStore('projects').get(made.projectId)))
          throw new Gone(
            'ProjectGone',
            'adapters: a project must be there to keep one, got one that is gone. Open another.',
          );
        await tx.objectStore('adapters').put(adapter);
      });
    });
    return adapter;
  } catch (error) {
    await deleteAdapterFilesOfGone(db, [made.id]);
    throw error;
  }
}

async function stored(id: string): Promise<{ adapter: Adapter; file: File }> {
  const adapter = await (await database()).get('adapters', id);
  const file = adapter && (await readFile(adapterPath(id)));
  if (!adapter || !file)
    throw new Gone(
      'AdapterGone',
      `adapters: ${id} must be kept here, got no such adapter. It may have been deleted: choose another.`,
    );
  return { adapter, file };
}

/** For the engine: [n] as engine/lora.ts places them. */
export async function readAdapter(id: string): Promise<StoredAdapter> {
  const { adapter, file } = await stored(id);
  const { values, head } = await readAdapterWeights(file.stream());
  return { settings: adapter.lora, values, head, baseSha256: adapter.baseSha256 };
}

/** The record, what was measured of it, and its file. Nothing happens to one that is gone already. */
export async function removeAdapter(id: string): Promise<void> {
  const db = await database();
  await write(db, ['adapters', 'rewardQualities'], async (tx) => {
    await tx.objectStore('adapters').delete(id);
    await tx.objectStore('rewardQualities').delete(id);
  });
  await deleteAdapterFilesOfGone(db, [id]);
}

/** A PEFT folder as peft saves it, zipped; that of a reward model holds the base's tokenizer too. */
export async function exportAdapter(id: string, siteUrl: string): Promise<Blob> {
  const { adapter, file } = await stored(id);
  const card = await cardOf(adapter);
  if (adapter.taskType !== 'SEQ_CLS') return zipped(peftFolder(card, file), adapter);
  if (!card.base)
    throw new Error(
      `export: the base of a reward model must be known here, got "${adapter.baseModelId}". Its tokenizer goes along: load that model.`,
    );
  return zipped(scoringFolder(card, file, await baseTexts(card.base, siteUrl), card.base.joiner), adapter);
}

/** Where a reward model lies in its zip. */
const REWARD_FOLDER = 'models/reward_model/';

/** As peftFolder, with the tokenizer that it scores with and the lines that load both. */
export async function* scoringFolder(
  card: Card,
  weights: Blob,
  texts: BaseTexts,
  joiner: string,
): AsyncGenerator<NewPart> {
  const pad = padToken(texts);
  const scoring = { code: scoringCode(texts, pad, joiner), pad };
  for await (const part of peftFolder({ ...card, scoring }, weights))
    yield { ...part, path: `${REWARD_FOLDER}${part.path}` };
  for (const { path, text } of scoringTokenizer(texts, pad))
    yield { path: `${REWARD_FOLDER}${path}`, data: new Blob([text]), deflate: true };
}

async function baseTexts({ name, url }: BaseModel, siteUrl: string): Promise<BaseTexts> {
  const folder = new URL(url, siteUrl);
  const texts = await Promise.all(
    SCORING_FILES.map(async (file) => {
      const response = await fetch(new URL(file, folder)).catch(() => null);
      if (!response)
        throw new Error(
          `${file}: that of ${name} must be reachable, got no answer. Check the connection, then try again.`,
        );
      // Some hosts answer with their start page where a file is missing.
      const there = response.ok && !response.headers.get('content-type')?.startsWith('text/html');
      return [file, there ? await response.text() : null] as const;
    }),
  );
  return Object.fromEntries(texts);
}

export async function* peftFolder(card: Card, weights: Blob): AsyncGenerator<NewPart> {
  const { baseModelId: base, taskType, lora } = card.adapter;
  yield { path: CONFIG_FILE, data: new Blob([writePeftConfig({ base, taskType, lora })]), deflate: true };
  yield { path: WEIGHTS_FILE, data: weights, deflate: false };
  yield { path: 'README.md', data: new Blob([modelCard(card)]), deflate: true };
}

/** Beside the weights in a folder that transformers opens; the base may lack some. */
const HUB_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
];

/** The base with the adapter folded in (`weights`: engine.mergedWeights), in hub layout, zipped. */
export async function exportMergedModel(
  id: string,
  weights: AsyncIterable<Omit<WritableTensor, 'dtype'>>,
  baseText: (name: string) => Promise<string | null>,
): Promise<Blob> {
  const { adapter } = await stored(id);
  if (adapter.taskType === 'SEQ_CLS')
    throw new Error(
      'export: an adapter that answers can be folded into its base, got a reward model, whose head has no place there. ' +
        'Export its folder.',
    );
  return zipped(mergedFolder(await cardOf(adapter), weights, baseText), adapter);
}

export async function* mergedFolder(
  card: Card,
  weights: AsyncIterable<Omit<WritableTensor, 'dtype'>>,
  baseText: (name: string) => Promise<string | null>,
): AsyncGenerator<NewPart> {
  for (const path of HUB_FILES) {
    const text = await baseText(path);
    if (text === null) continue;
    const data = new Blob([path === 'config.json' ? inF32(text) : text]);
    yield { path, data, deflate: true };
  }
  async function* f32(): AsyncGenerator<WritableTensor> {
    for await (const tensor of weights) yield { ...tensor, dtype: 'F32' };
  }
  yield { path: 'model.safetensors', data: await collectSafetensors(f32()), deflate: false };
  yield { path: 'README.md', data: new Blob([modelCard({ ...card, merged: true })]), deflate: true };
}

/** The weights come as F32, whatever the base was kept in. */
function inF32(config: string): string {
  const { torch_dtype: _, ...rest } = JSON.parse(config) as Record<string, unknown>;
  return `${JSON.stringify({ ...rest, dtype: 'float32' }, null, 2)}\n`;
}

async function cardOf(adapter: Adapter): Promise<Card> {
  const base = SHIPPED_MODELS.find(({ id }) => id === adapter.baseModelId) ?? null;
  const db = await database();
  const run = (adapter.runId && (await db.get('runs', adapter.runId))) || null;
  const metrics: Card['metrics'] = {};
  if (run) {
    const events = await db.getAll('runEvents', IDBKeyRange.bound([run.id, 0], [run.id, Infinity]));
    for (const event of events) if (event.kind === 'metrics') Object.assign(metrics, event.values);
  }
  const measured = adapter.taskType === 'SEQ_CLS' ? await db.get('rewardQualities', adapter.id) : undefined;
  return {
    adapter,
    base,
    run,
    metrics,
    ...(measured && measured.pairs.length > 0 && { agreement: agreementOf(measured) }),
  };
}

function agreementOf({ id, pairs }: RewardQuality): Card['agreement'] {
  const { n, accuracy, interval, baselines } = qualityOf(pairs, Number.parseInt(fnv1a(id).slice(0, 8), 16));
  return { accuracy, ...interval, pairs: n, longer: baselines.longer };
}

const zipped = (parts: AsyncIterable<NewPart>, { createdAt }: Adapter): Promise<Blob> =>
  new Response(writeZip(parts, new Date(createdAt))).blob();
