// What the next alignment would take, before anything is started: asked anew when the prompts or the settings change.
import type { Forecast } from '../../workers/api.ts';
import { validatePpo, type PpoConfig } from '../records/ppoConfig.ts';
import { alignSettings } from './alignSettings.svelte.ts';
import { engine } from './engine.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';
import { projects } from './projects.svelte.ts';
import { prompts } from './prompts.svelte.ts';

interface Question {
  projectId: string;
  config: PpoConfig;
}

const PAUSE_MS = 400;

class AlignForecast {
  /** With what was asked: figures of another project are never shown. */
  #answer = $state.raw<{ of: Question; forecast: Forecast | null; problem: string } | null>(null);
  #asking = $state(false);

  readonly #latest = latest<Question, Forecast>(
    {
      run: async ({ projectId, config }) => {
        this.#asking = true;
        await engine.ensureLoaded();
        return engine.api.forecastPpo(projectId, validatePpo(config));
      },
      done: (forecast, of) => this.#tell({ of, forecast, problem: forecast.problem ?? '' }),
      failed: (error, of) => this.#tell({ of, forecast: null, problem: sentence(error) }),
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
  /** There is something to practise on, and something that is paid. */
  get possible(): boolean {
    const { effective: config, unfinished, wrong } = alignSettings;
    const paid = config.rewardAdapterId !== null || config.rules.length > 0;
    return prompts.list.length > 0 && paid && unfinished < 0 && wrong.length === 0;
  }

  /** Use while the form is shown, in an effect: it reads what the answer depends on. */
  follow(): void {
    const projectId = projects.current?.id;
    const { effective: config } = alignSettings;
    const ask = projectId && engine.status !== 'missing' && this.possible ? { projectId, config } : null;
    if (!ask) this.#asking = false;
    this.#latest.ask(ask);
  }

  #tell(answer: { of: Question; forecast: Forecast | null; problem: string }): void {
    this.#answer = answer;
    this.#asking = false;
  }

  get #shown(): { forecast: Forecast | null; problem: string } | null {
    return this.#answer?.of.projectId === projects.current?.id && this.possible ? this.#answer : null;
  }
}

export const alignForecast = new AlignForecast();
