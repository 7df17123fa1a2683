// Who takes part in PPO, all over one base: policy and value, which are trained, the frozen reference, the reward model.
//
// Policy and value have adapters of their own, so the value's loss never reaches the policy. The reference is a copy of what
// the policy started from, or the base itself. The value starts as the reward model where there is one (as in TRL's example).
import { loraOf } from '../../records/config.ts';
import type { LoraSettings } from '../../records/adapter.ts';
import type { PpoConfig } from '../../records/ppoConfig.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { createAdapter, initialLora, type Adapter } from '../lora.ts';
import type { Llama } from '../models/llama.ts';
import { createGroup, disposeGroup, type ParameterGroup } from '../optim.ts';
import { trainAdapter, type Trainable } from './plan.ts';
import type { TrainerState } from './state.ts';

type Values = Float32Array<ArrayBuffer>;

/** Where the policy starts; the KL is held against it. */
export interface StartAdapter {
  settings: LoraSettings;
  values: Values;
}

export interface RewardModel extends StartAdapter {
  head: Values; // [D]
}

/** A head beside its adapter. */
interface Judge {
  adapter: Adapter;
  head: Tensor; // [1, D]
}

/** What the run leaves is shaped like this. */
export const policySettings = (config: PpoConfig, start: StartAdapter | null): LoraSettings => ({
  ...(start?.settings ?? loraOf({ ...config, dropout: 0 })),
  dropout: 0,
});

/** Tensors of a state: value, running mean and mean square of each group. */
const GROUPS = ['adapter', 'valueAdapter', 'valueHead'] as const;
const kept = (name: (typeof GROUPS)[number]) => [name, `${name}.m`, `${name}.v`] as const;

export interface RoleInputs {
  config: PpoConfig;
  start: StartAdapter | null;
  reward: RewardModel | null;
  resume: TrainerState | null;
}

export class Roles {
  readonly policy: Adapter;
  /** null = the base. */
  readonly reference: Adapter | null;
  readonly value: Judge;
  readonly reward: Judge | null;
  /** What the losses train. */
  readonly policyTrained: Trainable;
  readonly valueTrained: Trainable;
  /** Of one update: policy, value, head. */
  readonly groups: readonly ParameterGroup[];
  readonly #owned: (() => void)[] = [];

  constructor(
    readonly gpu: Gpu,
    model: Llama,
    { config, start, reward, resume }: RoleInputs,
  ) {
    const dim = model.config.hiddenSize;
    const adapterOf = (settings: LoraSettings, values: Values): Adapter => {
      const made = createAdapter(gpu, model.config, { ...settings, dropout: 0 }, values);
      this.#owned.push(() => made.flat.slot?.buffer.destroy());
      return made;
    };
    const headOf = (values: Values): Tensor => {
      if (values.length !== dim)
        throw new Error(
          `ppo: a head must have ${dim} numbers for this base, got ${values.length}. It belongs to another base: load that.`,
        );
      const made = gpu.tensor('head', [1, dim], 'f32', values);
      this.#owned.push(() => made.slot?.buffer.destroy());
      return made;
    };
    const saved = (name: string): Values | undefined => resume?.tensors[name];
    try {
      const settings = policySettings(config, start);
      const begun = start?.values ?? initialLora(model.config, settings, config.seed);
      this.policy = adapterOf(settings, saved('adapter') ?? begun);
      this.reference = start && adapterOf(settings, start.values);
      this.reward = reward && { adapter: adapterOf(reward.settings, reward.values), head: headOf(reward.head) };
      const shape = reward?.settings ?? loraOf({ ...config, dropout: 0 });
      const fresh = (): Values => initialLora(model.config, shape, (config.seed ^ 0x76616c75) >>> 0); // not the policy's
      this.value = {
        adapter: adapterOf(shape, saved('valueAdapter') ?? reward?.values ?? fresh()),
        head: headOf(saved('valueHead') ?? reward?.head ?? new Float32Array(dim)),
      };
      const owns = (group: ParameterGroup): ParameterGroup => {
        this.#owned.push(() => disposeGroup(group));
        return group;
      };
      this.policyTrained = trainAdapter(gpu, this.policy);
      this.policyTrained.groups.forEach(owns);
      const valueOnly = trainAdapter(gpu, this.value.adapter);
      valueOnly.groups.forEach(owns);
      const head = owns(createGroup(gpu, this.value.head, true));
      this.valueTrained = {
        groups: [...valueOnly.groups, head],
        parameters: new Map([...valueOnly.parameters, [this.value.head, head.gradient]]),
      };
      this.groups = [...this.policyTrained.groups, ...this.valueTrained.groups];
      GROUPS.forEach((name, i) => {
        const [, m, v] = kept(name).map(saved);
        const group = this.groups[i];
        if (group && m && v) [m, v].forEach((values, k) => gpu.write(k === 0 ? group.m : group.v, values));
      });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Everything of them that stays on the GPU. */
  get resident(): Tensor[] {
    const { policy, reference, value, reward, groups } = this;
    const judges = [value, ...(reward ? [reward] : [])];
    return [
      ...[policy, ...(reference ? [reference] : [])].map(({ flat }) => flat),
      ...judges.flatMap(({ adapter, head }) => [adapter.flat, head]),
      ...groups.flatMap(({ gradient, m, v }) => [gradient, m, v]),
    ];
  }

  /** All that is trained and what the optimizer keeps, by name. */
  async read(): Promise<Record<string, Values>> {
    const entries = GROUPS.flatMap((name, i) => {
      const group = this.groups[i];
      return group ? kept(name).map((key, k) => [key, [group.value, group.m, group.v][k] as Tensor] as const) : [];
    });
    return Object.fromEntries(
      await Promise.all(entries.map(async ([key, t]) => [key, await this.gpu.read(t)] as const)),
    );
  }

  /** Forgets gradients that no update will use. */
  dropGradients(): void {
    this.gpu.submit((encoder) => {
      for (const { gradient } of this.groups)
        if (gradient.slot) encoder.clearBuffer(gradient.slot.buffer, gradient.slot.offset, gradient.bytes);
    });
  }

  dispose(): void {
    for (const free of this.#owned.splice(0).reverse()) free();
  }
}
