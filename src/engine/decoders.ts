// Who may answer over one base in memory: the base itself and a few adapters, each with its own recorded programs.
import type { LoraSettings } from '../records/adapter.ts';
import type { BaseModel } from '../records/baseModel.ts';
import { Decoder } from './decoder.ts';
import type { Gpu } from './gpu/device.ts';
import { Kept } from './kept.ts';
import { createAdapter } from './lora.ts';
import type { Llama } from './models/llama.ts';

export interface StoredAdapter {
  settings: LoraSettings;
  values: Float32Array<ArrayBuffer>;
  /** [D]: of a reward model, which scores and does not answer; null for one that answers. */
  head: Float32Array<ArrayBuffer> | null;
  /** Of the base that it belongs to; '' where that is not known. */
  baseSha256: string;
}

/** Where an adapter comes from; the engine itself knows no storage. */
export type AdapterSource = (id: string) => Promise<StoredAdapter>;

/** Those of one base: numbers of another one would fit where the shapes do, and mean nothing. */
export const adaptersOf =
  (base: Pick<BaseModel, 'name' | 'sha256'>, source: AdapterSource): AdapterSource =>
  async (id) => {
    const adapter = await source(id);
    if (adapter.baseSha256 && adapter.baseSha256 !== base.sha256)
      throw new Error(
        `adapter: it must belong to "${base.name}" (${base.sha256.slice(0, 8)}), got one of another base ` +
          `(${adapter.baseSha256.slice(0, 8)}). Load the base that it was trained on.`,
      );
    return adapter;
  };

/** Adapters that stay on the GPU. */
const KEPT_ADAPTERS = 3;

export class Decoders {
  readonly base: Decoder;
  readonly #adapted = new Kept<Decoder>(KEPT_ADAPTERS, free);

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    private readonly source: AdapterSource,
  ) {
    this.base = new Decoder(gpu, model);
  }

  /** The decoder of an adapter, or of the base; never while another call is under way. */
  async of(id: string | null): Promise<Decoder> {
    if (id === null) return this.base;
    return this.#adapted.of(id, async () => {
      const { settings, values, head } = await this.source(id);
      if (head)
        throw new Error(
          'adapter: one that answers must have no head, got a reward model, which scores. Choose another adapter.',
        );
      return new Decoder(this.gpu, this.model, createAdapter(this.gpu, this.model.config, settings, values));
    });
  }
}

function free(decoder: Decoder): void {
  decoder.dispose();
  decoder.adapter?.flat.slot?.buffer.destroy();
}
