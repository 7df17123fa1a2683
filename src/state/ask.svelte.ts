// Asking: question → passages → prompt → streamed answers → kept. One at a time; it goes on while the page is left.
import type { GeneratedRow, TokenPiece } from '../../workers/api.ts';
import type { Generation, Passage, Place } from '../records/generation.ts';
import { adapters } from './adapters.svelte.ts';
import { described, generationsOf } from './askKeep.ts';
import { choose, keep, wanted, type Choice } from './askPassages.ts';
import { askPins } from './askPins.svelte.ts';
import { answerers, type Answerer, type Wanted } from './askSampling.ts';
import { askSettings } from './askSettings.svelte.ts';
import { historyOf, viewOf, type AskView, type Live } from './askView.ts';
import { corpus } from './corpus.svelte.ts';
import { documents } from './documents.svelte.ts';
import { engine } from './engine.svelte.ts';
import { generations } from './generations.svelte.ts';
import { projects } from './projects.svelte.ts';
import { retrieval } from './retrieval.ts';
import { work } from './work.ts';

/** The person stopped it before there was anything to keep. */
class Stopped extends Error {
  override name = 'Stopped';
}

/** No tokenizer puts as many into a token on average: longer texts need not be read to know that they do not fit. */
const CHARACTERS_PER_TOKEN = 12;

class Asking {
  #live = $state.raw<Live | null>(null);
  /** Askings during which the device was lost: they say so until the page is reloaded. */
  #recovered = $state.raw<ReadonlySet<string>>(new Set());
  #history = $derived(historyOf(generations.list));
  /** Ends the waiting for the index: the question is then looked up by its words. */
  #skip = new AbortController();
  #pieces = new Map<string, Promise<TokenPiece[]>>();

  /** Under way, or what could not be finished. */
  get live(): Live | null {
    return this.#live;
  }
  get busy(): boolean {
    return this.#live !== null && this.#live.problem === null;
  }
  /** Askings of the open project, newest first. */
  get history(): readonly AskView[] {
    return this.#history;
  }

  view(askId: string): AskView | null {
    return viewOf(generations.ofAsk(askId), this.#live?.askId === askId ? this.#live : null);
  }

  wasRecovered(askId: string): boolean {
    const live = this.#live;
    return this.#recovered.has(askId) || (live?.askId === askId && engine.losses > live.lossesBefore);
  }

  /** Starts an asking and returns its id; null when there is nothing to ask about, or one is under way. */
  ask(question: string, choice: Choice = { kept: askPins.list, leftOut: [] }): string | null {
    const asked = this.#asked();
    if (this.busy || question.trim() === '' || asked.length === 0) return null;
    const live = this.#begin({ askId: crypto.randomUUID(), question: question.trim(), choice });
    askSettings.pending.value = live.question;
    const wanted = { two: askSettings.two.value, beside: askSettings.beside.value };
    const rows = this.#answerers(wanted, askSettings.sampling.value.seed);
    const reserve = rows[0]?.sampling.maxNewTokens ?? 1;
    void this.#run(async () => {
      if (!(await this.#whole(asked, reserve))) {
        await this.#search(asked);
        await this.#render(reserve);
      }
      await this.#answer(rows);
    });
    return live.askId;
  }

  /** The same question with the passages it had, without those that are left out, and the next best in their place. */
  askWithout({ question, passages, leftOut }: AskView, dropped: readonly Place[]): string | null {
    const out = [...leftOut, ...dropped];
    return this.ask(question, { kept: keep([...passages, ...askPins.list], out), leftOut: out });
  }

  /** Once more, after something went wrong. */
  retry({ askId, question, kept, live }: AskView): string | null {
    if (kept.length === 0) return this.ask(question, live?.choice);
    this.again(askId);
    return askId;
  }

  /** One more answer to the same prompt, with the next seed. */
  again(askId: string): void {
    const kept = generations.ofAsk(askId);
    const first = kept[0];
    if (this.busy || !first) return;
    const { question, passages, prompt, promptIds: ids, cutTokens } = first;
    this.#begin({ askId, question, passages, prompt: { prompt, ids, cutTokens } });
    const seed = Math.max(...kept.map((generation) => generation.sampling.seed)) + 1;
    // Greedy would repeat itself: further answers are drawn, as two at once are.
    const rows = this.#answerers({ two: true, beside: false }, seed).slice(0, 1);
    void this.#run(async () => {
      await this.#load();
      await this.#answer(rows);
    });
  }

  /** The answer ends at the next token and is kept as far as it came. */
  stop(): void {
    const live = this.#live;
    if (!live || !this.busy) return;
    this.#live = { ...live, stopping: true };
    this.#skip.abort();
    if (live.step === 'answer') void engine.cancel(live.askId);
  }

  /** Does not wait for the index: passages are found by words only. */
  skipIndex(): void {
    this.#skip.abort();
  }

  /** Puts away what could not be finished. */
  dismiss(): void {
    if (!this.busy) this.#live = null;
  }

  /** Gone from the disk at once; generations.put() takes it back. */
  async remove(askId: string): Promise<Generation[]> {
    if (this.#live?.askId === askId) this.dismiss();
    return generations.removeAsk(askId);
  }

  /** The tokens of a prompt as a person sees them. */
  pieces(askId: string, ids: readonly number[]): Promise<TokenPiece[]> {
    const known = this.#pieces.get(askId);
    if (known) return known;
    const asked = engine.ensureLoaded().then(() => engine.pieces([...ids]));
    this.#pieces.set(askId, asked);
    asked.catch(() => this.#pieces.delete(askId)); // the next look tries again
    return asked;
  }

  #answerers(wanted: Omit<Wanted, 'adapterId'>, seed: number): Answerer[] {
    const adapterId = adapters.chosen?.id ?? null;
    return answerers(askSettings.sampling.value, { ...wanted, adapterId }, seed, engine.model.contextLength);
  }

  #begin(known: Pick<Live, 'askId' | 'question'> & Partial<Live>): Live {
    this.#skip = new AbortController();
    const live: Live = {
      projectId: projects.current?.id ?? '',
      step: 'search',
      choice: { kept: [], leftOut: [] },
      passages: [],
      matched: true,
      wordsOnly: null,
      searchProblem: '',
      prompt: null,
      answers: [],
      lossesBefore: engine.losses,
      stopping: false,
      problem: null,
      ...known,
    };
    this.#live = live;
    return live;
  }

  /** Every step passes here: before there is an answer, a stop ends the asking. */
  #step(change: Partial<Live>): Live {
    const live = this.#live;
    if (!live) throw new Error('ask: an asking must be under way, got none. Ask again.');
    if (live.stopping && change.step !== 'keep') throw new Stopped();
    return (this.#live = { ...live, ...change });
  }

  async #run(body: () => Promise<void>): Promise<void> {
    try {
      await work.during(body);
      this.#live = null;
    } catch (error) {
      const live = this.#live;
      if (!live) return;
      const problem = error instanceof Error ? error : new Error(String(error));
      const kept = generations.ofAsk(live.askId).length > 0;
      this.#live = problem instanceof Stopped && kept ? null : { ...live, problem };
    } finally {
      askSettings.pending.value = '';
    }
  }

  #asked(): string[] {
    return documents.list.filter(({ id }) => askSettings.isAsked(id)).map(({ id }) => id);
  }

  /** Whole texts instead of passages, where the person wants that and all of them fit. */
  async #whole(asked: string[], reserve: number): Promise<boolean> {
    const texts = documents.list.filter(({ id }) => asked.includes(id));
    const characters = texts.reduce((sum, text) => sum + text.characters, 0);
    const { choice, question } = this.#step({ step: 'search' });
    if (!askSettings.whole.value || choice.leftOut.length > 0) return false;
    if (characters > CHARACTERS_PER_TOKEN * engine.model.contextLength) return false;
    const passages = await Promise.all(
      texts.map(async ({ id, name }): Promise<Passage> => {
        const { text } = await documents.text(id);
        return { documentId: id, documentName: name, start: 0, end: text.length, text };
      }),
    );
    await this.#load();
    const elsewhere = choice.kept.filter(({ documentId }) => !asked.includes(documentId));
    if ((await engine.render(question, [...elsewhere, ...passages], reserve)).cutTokens > 0) return false;
    this.#step({ passages: [...elsewhere, ...passages] });
    await this.#render(reserve);
    return true;
  }

  async #search(asked: string[]): Promise<void> {
    const count = askSettings.passages.value ?? engine.model.passagesPerPrompt;
    const { choice, question, projectId } = this.#step({ step: 'search' });
    const enough = wanted(choice, count);
    if (enough === 0) {
      this.#step({ passages: choose(choice, [], count) });
      return;
    }
    const chosen = corpus.settings.retrieval.method === 'words';
    if (!chosen) {
      this.#step({ step: 'index' });
      await corpus.ensureIndexed(asked, this.#skip.signal);
      this.#step({ step: 'search' });
    }
    if (projects.current?.id !== projectId) throw new Stopped(); // the texts of another project are no answer
    const skipped = this.#skip.signal.aborted;
    const options = { documentIds: asked, count: enough, wordsOnly: chosen || skipped };
    const found = await corpus.search(question, options); // by words where vectors cannot serve
    const why = chosen
      ? 'chosen'
      : skipped
        ? 'skipped'
        : found.foreign
          ? 'language'
          : found.problem
            ? 'failed'
            : 'missing';
    this.#step({
      passages: choose(choice, found.hits, count),
      matched: found.vectors || choice.kept.length > 0 || found.hits.some(({ lexical }) => lexical > 0),
      wordsOnly: found.vectors ? null : why,
      searchProblem: found.problem ?? '',
    });
  }

  async #load(): Promise<void> {
    this.#step({ step: 'load' });
    await engine.ensureLoaded();
  }

  async #render(reserve: number): Promise<void> {
    await this.#load();
    const { askId, question, passages } = this.#step({ step: 'prompt' });
    const { pieces, ...prompt } = await engine.render(question, passages, reserve);
    this.#pieces.set(askId, Promise.resolve(pieces));
    this.#step({ prompt, passages: prompt.passages });
  }

  async #answer(by: readonly Answerer[]): Promise<void> {
    const answers = by.map((answerer) => ({ ...answerer, text: '', tokensPerSecond: 0 }));
    const { askId, prompt } = this.#step({ step: 'answer', answers });
    if (!prompt) return;
    const rows = by.map((answerer) => ({ ...answerer, promptIds: [...prompt.ids], stop: [] }));
    const onToken = (event: { row: number; text: string; tokensPerSecond: number }): void => {
      const live = this.#live;
      if (live?.askId !== askId || live.step !== 'answer') return; // a late word of an asking that has ended
      if (live.stopping) void engine.cancel(askId); // it was stopped before the engine knew of it
      const { row, text, tokensPerSecond } = event;
      const now = live.answers.map((answer, i) => (i === row ? { ...answer, text, tokensPerSecond } : answer));
      this.#live = { ...live, answers: now };
    };
    const done = await engine.generate(askId, rows, onToken, `/ask/${askId}`);
    if (done.every((row) => row.ids.length === 0)) throw new Stopped();
    await this.#keep(done, by);
  }

  async #keep(rows: GeneratedRow[], by: readonly Answerer[]): Promise<void> {
    const live = this.#step({ step: 'keep' });
    if (engine.losses > live.lossesBefore) this.#recovered = new Set([...this.#recovered, live.askId]);
    const kept = generationsOf({ live, rows, answerers: by, model: engine.model });
    await generations.put(...kept); // first of all: the tab may be closed at any time
    void described(kept, {
      device: () => engine.device(),
      evidence: (answer, documentIds) => retrieval.evidence(live.projectId, documentIds, live.question, answer),
    })
      .then((all) => generations.replace(...all))
      .catch(() => undefined); // the answer is there without it
  }
}

export const asking = new Asking();
