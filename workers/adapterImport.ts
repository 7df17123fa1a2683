// A PEFT folder, or a zip of it, becomes an adapter of the project when it fits the base in every matrix.
import { parseConfig } from '../src/engine/models/config.ts';
import { loraParts } from '../src/engine/lora.ts';
import { readAdapterWeights } from '../src/formats/adapterWeights.ts';
import { CONFIG_FILE, parsePeftConfig, PeftError, WEIGHTS_FILE } from '../src/formats/peft.ts';
import { limitsOfLarge, openZip } from '../src/formats/zip.ts';
import type { Adapter } from '../src/records/adapter.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import { writeAdapter } from './adapters.ts';

export interface Target {
  projectId: string;
  createdAt: string;
  model: BaseModel;
}

/** A file of the folder or a part of the zip. */
interface Source {
  path: string;
  blob(): Promise<Blob>;
}

export async function importAdapter(
  files: { path: string; file: File }[],
  { projectId, createdAt, model }: Target,
  siteUrl: string,
): Promise<Adapter> {
  const { config, weights, name } = await find(files);
  const { taskType, lora } = parsePeftConfig(await (await config.blob()).text());
  const llama = parseConfig(await baseConfig(model, siteUrl));
  const { parts } = loraParts(llama, lora);
  const { values, head, metadata } = await readAdapterWeights((await weights.blob()).stream(), {
    parts,
    base: model.name,
    ...(taskType === 'SEQ_CLS' && { head: llama.hiddenSize }),
  });
  const baseSha256 = metadata.base_sha256 ?? '';
  if (baseSha256 !== '' && baseSha256 !== model.sha256)
    throw new PeftError(
      `${WEIGHTS_FILE}: must be trained on the weights of ${model.name} (${model.sha256.slice(0, 12)}…), ` +
        `got one of ${baseSha256.slice(0, 12)}…. Use it with its own base.`,
    );
  const id = crypto.randomUUID();
  const made = { id, projectId, name, taskType, baseModelId: model.id, baseSha256, lora, runId: null, createdAt };
  return writeAdapter(made, parts, values, head);
}

/** The folder nearest to the top that holds a configuration, and what it is called. */
async function find(files: { path: string; file: File }[]): Promise<{ config: Source; weights: Source; name: string }> {
  const [first] = files;
  const zip = files.length === 1 && first && /\.zip$/i.test(first.path) ? first : null;
  const sources: readonly Source[] = zip
    ? (await openZip(zip.file, limitsOfLarge(zip.file.size))).parts
    : files.map(({ path, file }) => ({ path, blob: async () => file }));
  const config = sources
    .filter(({ path }) => (path.split('/').at(-1) ?? '') === CONFIG_FILE && !/(^|\/)__MACOSX\//.test(path))
    .sort((a, b) => a.path.length - b.path.length)[0];
  if (!config)
    throw new PeftError(
      `${CONFIG_FILE}: must be among the files of a PEFT folder, got ${sources.length} files without it. Choose the folder that holds it.`,
    );
  const folder = config.path.slice(0, -CONFIG_FILE.length);
  const weights = sources.find(({ path }) => path === folder + WEIGHTS_FILE);
  if (!weights) {
    const pickled = sources.some(({ path }) => path === `${folder}adapter_model.bin`);
    throw new PeftError(
      `${WEIGHTS_FILE}: must lie beside ${CONFIG_FILE}, got ${pickled ? 'adapter_model.bin. Save it again with safe_serialization' : 'nothing. Choose the whole folder'}.`,
    );
  }
  const name = folder.split('/').findLast((part) => part !== '') ?? zip?.path.replace(/\.zip$/i, '') ?? '';
  return { config, weights, name: name.split('/').at(-1) || 'adapter' };
}

async function baseConfig(model: BaseModel, siteUrl: string): Promise<string> {
  const url = new URL('config.json', new URL(model.url, siteUrl));
  const response = await fetch(url).catch(() => null);
  if (!response?.ok)
    throw new Error(
      `config.json: that of ${model.name} must be reachable, got ${response?.status ?? 'no answer'}. Check the connection, then try again.`,
    );
  return response.text();
}
