// A PPO step, replayed: scores answers, and makes one update from those of a minibatch.
import { ReadbackRing } from '../gpu/readback.ts';
import { packStepParams, readMetrics, METRIC_WORDS, type StepParams } from '../optim.ts';
import type { Passes } from './passes.ts';
import type { PpoPlan } from './ppoPasses.ts';
import { arraysOf, groupsOf, keyOf, type Group, type GroupArrays, type Sequence } from './ppoSizes.ts';

/** What the frozen models and the value say of an answer. */
export interface Scored {
  /** log π_ref of each drawn token. [n] */
  reference: Float32Array<ArrayBuffer>;
  /** Before each drawn token. [n] */
  values: Float32Array<ArrayBuffer>;
  /** Of the reward model; null without one. */
  model: number | null;
}

/** A scored answer, ready for the update; all [n]. */
export interface Practice extends Sequence {
  logprobs: ArrayLike<number>;
  advantages: ArrayLike<number>;
  values: ArrayLike<number>;
  returns: ArrayLike<number>;
}

/** Means over the tokens of a minibatch, before its update. */
export interface UpdateMetrics {
  policyLoss: number;
  entropy: number;
  clipped: number;
  ratio: number;
  /** ½ mean Δ², Δ = log π − log π_old */
  approxKl: number;
  drift: number;
  valueLoss: number;
  valueClipped: number;
  /** Before the clip. */
  norm: number;
  skipped: boolean;
  /** Not updated: the policy had moved too far already. */
  stopped: boolean;
}

interface Pace {
  signal?: AbortSignal;
  sliceMs?: number;
}

export class PpoStep {
  readonly #ring: ReadbackRing;

  /** From here on plan and passes belong to the step. */
  constructor(
    readonly plan: PpoPlan,
    readonly passes: Passes,
  ) {
    const words = Math.max(...plan.options.sizes.map(({ batch, rows }) => 2 * rows + batch));
    const { policyTotals, valueTotals, metrics } = plan;
    this.#ring = new ReadbackRing(
      plan.gpu,
      Math.max(4 * words, policyTotals.bytes + valueTotals.bytes, metrics.bytes),
      1,
    );
  }

  /** Yields how much of it is done; null when its signal was aborted. */
  async *score(sequences: readonly Sequence[], pace: Pace): AsyncGenerator<number, Scored[] | null, void> {
    const { sizes } = this.plan.options;
    const groups = groupsOf(sequences, [...sequences.keys()], sizes);
    const scored = new Array<Scored>(sequences.length);
    for (const [i, group] of groups.entries()) {
      if (pace.signal?.aborted) return null;
      const key = keyOf(group.size);
      const arrays = this.#load(sequences, group);
      this.passes.program(`score ${key}`).run(pace.sliceMs);
      const out = this.plan.outputs.get(key);
      if (!out) throw new Error(`ppo: scores must be planned for ${key}, got none. Plan all sizes.`);
      const [reference, values, scores] = await this.#read(
        out.reference,
        out.values,
        ...(out.scores ? [out.scores] : []),
      );
      group.members.forEach((member, b) => {
        const { ids, start } = sequences[member] as Sequence;
        const from = arrays.offsets[b] ?? 0;
        const own = (of: Float32Array<ArrayBuffer> | undefined) =>
          (of ?? new Float32Array()).slice(from, from + ids.length - start);
        scored[member] = { reference: own(reference), values: own(values), model: scores?.[b] ?? null };
      });
      yield (i + 1) / groups.length;
    }
    return scored;
  }

  /** One update from the answers of a minibatch; yields how much of it is done. `stopKl`: above it nothing is updated. */
  async *update(
    rows: readonly Practice[],
    members: readonly number[],
    params: StepParams,
    { sliceMs, stopKl = 0 }: { sliceMs?: number; stopKl?: number },
  ): AsyncGenerator<number, UpdateMetrics, void> {
    const { gpu, stepParams, policyTotals, valueTotals, metrics, options } = this.plan;
    const tokens = members.reduce((sum, i) => sum + (rows[i]?.logprobs.length ?? 0), 0);
    const groups = groupsOf(rows, members, options.sizes);
    gpu.write(policyTotals, new Float32Array(8));
    gpu.write(valueTotals, new Float32Array(4));
    for (const [i, group] of groups.entries()) {
      this.#load(rows, group);
      this.#loadPractice(rows, group, 1 / tokens);
      for (const what of ['policy', 'value']) {
        this.passes.program(`${what} ${keyOf(group.size)}`).run(sliceMs);
        await gpu.idle();
        yield (i + (what === 'policy' ? 0.5 : 1)) / groups.length;
      }
    }
    const [policy = [], value = []] = await this.#read(policyTotals, valueTotals);
    const [policyLoss = 0, entropy = 0, clipped = 0, ratio = 0, approxKl = 0, drift = 0] = policy;
    const [valueLoss = 0, valueClipped = 0] = value;
    const told = { policyLoss, entropy, clipped, ratio, approxKl, drift, valueLoss, valueClipped };
    if (stopKl > 0 && approxKl > stopKl) {
      options.roles.dropGradients();
      return { ...told, norm: Number.NaN, skipped: false, stopped: true };
    }
    gpu.write(stepParams, packStepParams(params));
    this.passes.program('update').run(sliceMs);
    const [ring = new Float32Array()] = await this.#read(metrics);
    const at = (params.step % (ring.length / METRIC_WORDS)) * METRIC_WORDS;
    const { norm, skipped } = readMetrics(ring.subarray(at, at + METRIC_WORDS));
    return { ...told, norm, skipped, stopped: false };
  }

  #load(sequences: readonly Sequence[], group: Group): GroupArrays {
    const { gpu } = this.plan;
    const inputs = this.#inputs(group);
    const arrays = arraysOf(sequences, group);
    for (const name of ['ids', 'index', 'targets', 'last'] as const) gpu.write(inputs[name], arrays[name]);
    return arrays;
  }

  /** Each token counts `weight`; padding counts nothing. */
  #loadPractice(rows: readonly Practice[], group: Group, weight: number): void {
    const policy = new Float32Array(4 * group.size.rows);
    const value = new Float32Array(4 * group.size.rows);
    let at = 0;
    for (const member of group.members) {
      const { logprobs, advantages, values, returns } = rows[member] as Practice;
      for (let t = 0; t < logprobs.length; t++, at += 4) {
        policy.set([logprobs[t] ?? 0, advantages[t] ?? 0, weight], at);
        value.set([values[t] ?? 0, returns[t] ?? 0, weight], at);
      }
    }
    const inputs = this.#inputs(group);
    this.plan.gpu.write(inputs.policy, policy);
    this.plan.gpu.write(inputs.value, value);
  }

  #inputs({ size }: Group) {
    const found = this.plan.inputs.get(keyOf(size));
    if (!found) throw new Error(`ppo: sizes must be planned, got ${keyOf(size)}. Plan all sizes.`);
    return found;
  }

  async #read(...sources: Parameters<ReadbackRing['copy']>[1][]): Promise<Float32Array<ArrayBuffer>[]> {
    let read: (() => Promise<ArrayBuffer>) | undefined;
    this.plan.gpu.submit((encoder) => (read = this.#ring.copy(encoder, ...sources)));
    const bytes = (await read?.()) ?? new ArrayBuffer();
    let from = 0;
    return sources.map((source) => new Float32Array(bytes, (from += source.bytes) - source.bytes, source.bytes / 4));
  }

  dispose(): void {
    this.passes.dispose();
    this.plan.dispose();
    this.#ring.dispose();
  }
}
