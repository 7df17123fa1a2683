// What the next run would take, before anything is started: asked anew when the rows or the settings change.
import type { Forecast } from '../../workers/api.ts';
import type { SftConfig } from '../records/config.ts';
import { demonstrations } from './demonstrations.svelte.ts';
import { engine } from './engine.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';
import { projects } from './projects.svelte.ts';
import { trainSettings } from './trainSettings.svelte.ts';

interface Question {
  projectId: string;
  config: SftConfig;
}

const PAUSE_MS = 350;

class Forecasting {
  /** With what was asked: figures of another project are never shown. */
  #answer = $state.raw<{ of: Question; forecast: Forecast | null; problem: string } | null>(null);
  #asking = $state(false);

  readonly #latest = latest<Question, Forecast>(
    {
      run: async ({ projectId, config }) => {
        this.#asking = true;
        await engine.ensureLoaded();
        return engine.api.forecast(projectId, config);
      },
      done: (forecast, of) => {
        this.#answer = { of, forecast, problem: forecast.problem ?? '' };
        this.#asking = false;
      },
      failed: (error, of) => {
        this.#answer = { of, forecast: null, problem: sentence(error) };
        this.#asking = false;
      },
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
    const config = trainSettings.config;
    const some = demonstrations.list.length > 0;
    if (!projectId || !some) this.#asking = false;
    this.#latest.ask(projectId && some ? { projectId, config } : null);
  }

  get #shown(): { forecast: Forecast | null; problem: string } | null {
    return this.#answer?.of.projectId === projects.current?.id && demonstrations.list.length > 0 ? this.#answer : null;
  }
}

export const forecast = new Forecasting();
