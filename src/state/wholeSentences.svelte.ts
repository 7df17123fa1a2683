// Which of the answers that are shown are whole sentences: asked of the rule that PPO pays, each text once.
import type { Rule } from '../records/rules.ts';
import { engine } from './engine.svelte.ts';

const RULE: Rule = { kind: 'sentence', weight: 1 };

class WholeSentences {
  #known = $state.raw<ReadonlyMap<string, boolean>>(new Map());
  readonly #asked = new Set<string>();

  /** Use in an effect: what is not known yet is asked. */
  ask(texts: readonly string[]): void {
    const open = texts.filter((text) => !this.#asked.has(text));
    if (open.length === 0) return;
    for (const text of open) this.#asked.add(text);
    void this.#read(open).catch(() => open.forEach((text) => this.#asked.delete(text))); // the next look asks again
  }

  /** null = not known yet. */
  is(text: string): boolean | null {
    return this.#known.get(text) ?? null;
  }

  /** Of these answers, 0 … 1; null while it is not known, or where there are none. */
  share(texts: readonly string[]): number | null {
    const all = texts.map((text) => this.is(text));
    return all.length === 0 || all.includes(null) ? null : all.filter(Boolean).length / all.length;
  }

  async #read(texts: readonly string[]): Promise<void> {
    const scores = await Promise.all(
      texts.map((completion) => engine.api.scoreByRules([RULE], { prompt: '', completion, answer: null })),
    );
    this.#known = new Map([...this.#known, ...texts.map((text, i) => [text, scores[i]?.total === 1] as const)]);
  }
}

export const wholeSentences = new WholeSentences();
