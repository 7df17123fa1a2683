// The check of this device: what it is, whether the kernels are right on it, how fast it is, and that it comes back.
import type { BenchResult, DeviceReport, GateResult } from '../records/report.ts';
import type { CheckReport } from './checkReport.ts';
import { engine } from './engine.svelte.ts';
import { readEnvironment, type Environment } from './environment.ts';

class Check {
  #running = $state(false);
  #progress = $state(0);
  #environment = $state.raw<Environment | null>(null);
  #device = $state.raw<DeviceReport | null>(null);
  #gate = $state.raw<GateResult[]>([]);
  #bench = $state.raw<BenchResult[]>([]);
  #problem = $state.raw<Error | null>(null);
  #checkedAt = $state('');

  get running(): boolean {
    return this.#running;
  }
  /** 0…1 */
  get progress(): number {
    return this.#progress;
  }
  get environment(): Environment | null {
    return this.#environment;
  }
  get device(): DeviceReport | null {
    return this.#device;
  }
  get gate(): readonly GateResult[] {
    return this.#gate;
  }
  get bench(): readonly BenchResult[] {
    return this.#bench;
  }
  get problem(): Error | null {
    return this.#problem;
  }
  /** '' until a check has ended. */
  get checkedAt(): string {
    return this.#checkedAt;
  }

  /** What needs neither the GPU nor a click. */
  async look(): Promise<void> {
    this.#environment = await readEnvironment();
  }

  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#progress = 0;
    this.#gate = [];
    this.#bench = [];
    this.#problem = null;
    try {
      await this.look();
      this.#device = await engine.device();
      if (this.#device.adapter) await this.#measure();
    } catch (error) {
      this.#problem = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#checkedAt = new Date().toISOString();
      this.#running = false;
    }
  }

  async #measure(): Promise<void> {
    let ended = false; // events and result come by different ways: one may be late
    const done = await engine.check(({ gate, bench, progress }) => {
      if (ended) return;
      if (gate) this.#gate = [...this.#gate, gate];
      if (bench) this.#bench = [...this.#bench, bench];
      this.#progress = progress;
    });
    ended = true;
    this.#gate = done.gate;
    this.#bench = done.bench;
  }

  report(version: string): CheckReport | null {
    if (!this.#environment || !this.#checkedAt) return null;
    return {
      checkedAt: this.#checkedAt,
      version,
      environment: this.#environment,
      device: this.#device,
      gate: this.#gate,
      bench: this.#bench,
      problem: this.#problem?.message ?? null,
    };
  }
}

export const check = new Check();
