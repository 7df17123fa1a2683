// Runs of reward models: the project's preferences become pairs, and the model that a run leaves is measured on those that
// were kept for the test.
import { shownPreferences } from '../src/curation/shownPreferences.ts';
import type { SplitSettings } from '../src/curation/split.ts';
import { scoreRows } from '../src/engine/scorers.ts';
import {
  preparePairs,
  someOf,
  type EncodedPair,
  type PairRow,
  type PreparedPairs,
} from '../src/engine/training/pairs.ts';
import { trainReward } from '../src/engine/training/reward.ts';
import { loraOf } from '../src/records/config.ts';
import type { RewardConfig } from '../src/records/rewardConfig.ts';
import { REWARD_QUALITY_VERSION, type RewardQuality } from '../src/records/rewardQuality.ts';
import type { RewardRun } from '../src/records/run.ts';
import { write, type Database } from '../src/storage/database.ts';
import { readPreferenceEdits, readPreferences } from '../src/storage/preferences.ts';
import { partsOf, type PreparedRun, type Surroundings } from './runParts.ts';

/** Train pairs that are scored for mean and deviation: more would move them by a few hundredths of a deviation. */
const SCORED_TRAIN = 256;

export interface PairRows {
  train: PairRow[];
  test: PairRow[];
}

/** Those that nobody has left out, on the sides on which the page of preferences shows them under the same settings. */
export async function pairRows(db: Database, projectId: string, settings: SplitSettings): Promise<PairRows> {
  const { preferences } = await readPreferences(db, projectId);
  const sides: PairRows = { train: [], test: [] };
  for (const row of shownPreferences(preferences, await readPreferenceEdits(db, projectId), settings)) {
    const { id, prompt, chosen, rejected, margin, split } = row;
    if (!row.excluded) sides[split].push({ id, prompt, chosen, rejected, margin });
  }
  return sides;
}

export const preparedPairs = async (
  { engine, db, base }: Surroundings,
  projectId: string,
  config: RewardConfig,
): Promise<{ given: PairRows; pairs: PreparedPairs }> => {
  const given = await pairRows(db, projectId, config);
  return { given, pairs: preparePairs(engine.tokenizer, base, given, config) };
};

export async function prepareReward(around: Surroundings, run: RewardRun): Promise<PreparedRun> {
  const { config, projectId } = run;
  const { given, pairs } = await preparedPairs(around, projectId, config);
  return {
    data: pairs.data,
    start: (starting) => trainReward({ ...starting, config, rows: pairs }),
    leaves: async ({ tensors }) => ({
      ...(await partsOf(around.engine, loraOf(config))),
      taskType: 'SEQ_CLS',
      values: tensors.adapter ?? new Float32Array(),
      head: tensors.head ?? new Float32Array(),
    }),
    judge: (goOn) => measure(around, run, given, pairs, goOn),
  };
}

/** Scores pairs and keeps what came of it beside the adapter; nothing is kept when it may not go on. */
async function measure(
  { engine, db }: Surroundings,
  { id, projectId }: RewardRun,
  given: PairRows,
  { train, test }: PreparedPairs,
  goOn: (share: number) => Promise<boolean>,
): Promise<void> {
  const rows = [test, someOf(train, SCORED_TRAIN)].flat().flatMap(({ chosen, rejected }) => [chosen, rejected]);
  await engine.job(async ({ scorers }) => scorers.forget(id)); // an end that was cut off may have left another
  const scores = await scoreRows(engine, id, rows, goOn);
  if (!scores) return;
  const byId = new Map(given.test.map((row) => [row.id, row]));
  const { tokenizer } = engine;
  const tokensOf = (prompt: string, ids: readonly number[]): number =>
    ids.length - tokenizer.chat([{ role: 'user', content: prompt }]).length - Number(ids.at(-1) === tokenizer.eosId);
  const pairs = test.flatMap((pair, i): RewardQuality['pairs'] => {
    const row = byId.get(pair.id);
    if (!row) return [];
    const { prompt, chosen, rejected } = row;
    return [
      {
        ...{ id: pair.id, prompt, chosen, rejected },
        ...{ chosenScore: scores[2 * i] ?? 0, rejectedScore: scores[2 * i + 1] ?? 0 },
        ...{ chosenTokens: tokensOf(prompt, pair.chosen), rejectedTokens: tokensOf(prompt, pair.rejected) },
      },
    ];
  });
  const [mean, std] = meanAndDeviation(scores.slice(2 * test.length));
  const quality: RewardQuality = {
    ...{ id, projectId, pairs, mean, std, trained: train.length, longerChosen: longerChosen(train) },
    ...{ createdAt: new Date().toISOString(), version: REWARD_QUALITY_VERSION },
  };
  await write(db, ['adapters', 'rewardQualities'], async (tx) => {
    if (await tx.objectStore('adapters').getKey(id)) await tx.objectStore('rewardQualities').put(quality);
  });
}

function meanAndDeviation(values: readonly number[]): [mean: number, std: number] {
  const mean = values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
  return [mean, Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, values.length))];
}

/** The prompt is the same on both sides: what differs in length is the answers. */
function longerChosen(pairs: readonly EncodedPair[]): RewardQuality['longerChosen'] {
  const differing = pairs.filter(({ chosen, rejected }) => chosen.length !== rejected.length);
  const longer = differing.filter(({ chosen, rejected }) => chosen.length > rejected.length).length;
  return { longer, of: differing.length };
}
