// What the rules would pay an example answer, asked anew while a person writes.
import type { RuleScores } from '../../workers/api.ts';
import type { Rule } from '../records/rules.ts';
import { engine } from './engine.svelte.ts';
import { sentence } from './language.svelte.ts';
import { latest } from './latest.ts';

interface Question {
  rules: Rule[];
  text: { prompt: string; completion: string; answer: string | null };
}

const PAUSE_MS = 200;

export class RuleTrial {
  /** With the rules that were asked: figures of others are never shown beside them. */
  #answer = $state.raw<{ rules: readonly Rule[]; scores: RuleScores } | null>(null);
  #problem = $state('');

  readonly #latest = latest<Question, RuleScores>(
    {
      run: ({ rules, text }) => engine.api.scoreByRules(rules, text),
      done: (scores, { rules }) => ([this.#answer, this.#problem] = [{ rules, scores }, '']),
      failed: (error) => ([this.#answer, this.#problem] = [null, sentence(error)]),
    },
    PAUSE_MS,
  );

  get answer(): { rules: readonly Rule[]; scores: RuleScores } | null {
    return this.#answer;
  }
  get problem(): string {
    return this.#problem;
  }

  ask(question: Question | null): void {
    if (!question) this.#answer = null;
    this.#latest.ask(question);
  }
}
