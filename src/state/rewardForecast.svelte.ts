// What training a reward model would take, before anything is started: asked anew when preferences or settings change.
import type { Forecast } from '../../workers/api.ts';
import type { RewardConfig } from '../records/rewardConfig.ts';
import { engine } from './engine.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';
import { preferenceStatus } from './preferenceStatus.svelte.ts';
import { projects } from './projects.svelte.ts';
import { rewardSettings } from './rewardSettings.svelte.ts';

interface Question {
  projectId: string;
  config: RewardConfig;
}

const PAUSE_MS = 350;

class RewardForecasting {
  /** With what was asked: figures of another project are never shown. */
  #answer = $state.raw<{ of: Question; forecast: Forecast | null; problem: string } | null>(null);
  #asking = $state(false);

  readonly #latest = latest<Question, Forecast>(
    {
      run: async ({ projectId, config }) => {
        this.#asking = true;
        await engine.ensureLoaded();
        return engine.api.forecastReward(projectId, $state.snapshot(config));
      },
      done: (forecast, of) => this.#take({ of, forecast, problem: forecast.problem ?? '' }),
      failed: (error, of) => this.#take({ of, forecast: null, problem: sentence(error) }),
    },
    PAUSE_MS,
  );

  /** Of the open project and the settings as they were when it was last answered; null before. */
  get now(): Forecast | null {
    return this.#shown?.forecast ?? null;
  }
  /** Why it cannot run as it stands, or why nothing is known. */
  get problem(): string {
    return this.#shown?.problem ?? '';
  }
  get asking(): boolean {
    return this.#asking;
  }

  /** Use while the form is shown, in an effect: it reads what the answer depends on. */
  follow(): void {
    const projectId = projects.current?.id;
    const { config } = rewardSettings;
    const asks = preferenceStatus.now.count > 0 && engine.status !== 'missing';
    if (!projectId || !asks) this.#asking = false;
    this.#latest.ask(projectId && asks ? { projectId, config } : null);
  }

  #take(answer: { of: Question; forecast: Forecast | null; problem: string }): void {
    this.#answer = answer;
    this.#asking = false;
  }

  get #shown(): { forecast: Forecast | null; problem: string } | null {
    return this.#answer?.of.projectId === projects.current?.id && preferenceStatus.now.count > 0 ? this.#answer : null;
  }
}

export const rewardForecast = new RewardForecasting();
