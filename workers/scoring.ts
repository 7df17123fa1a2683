// Texts scored by a reward model of the loaded base, for pages: encoded, those that are too long left out.
import { EngineError, type Engine } from '../src/engine/engine.ts';
import { encodeScored } from '../src/engine/score.ts';
import { scoreRows } from '../src/engine/scorers.ts';
import type { ScoredText } from './api.ts';

export async function scoreTexts(
  engine: Engine,
  adapterId: string,
  texts: readonly ScoredText[],
  onProgress: (share: number) => void,
): Promise<(number | null)[]> {
  const { base } = engine;
  if (!base) throw new EngineError('engine: the base must be loaded before it scores, got none. Load the model.');
  const limit = await engine.job(async ({ model }) => model.config.contextLength);
  const encoded = texts.map((text) => encodeScored(engine.tokenizer, base.joiner, text));
  const fits = encoded.flatMap(({ length }, i) => (length > 0 && length <= limit ? [i] : []));
  const found: (number | null)[] = texts.map(() => null);
  const rows = fits.map((i) => encoded[i] ?? []);
  const scores = await scoreRows(engine, adapterId, rows, (share) => {
    onProgress(share);
    return true;
  });
  fits.forEach((place, i) => (found[place] = scores?.[i] ?? null));
  return found;
}
