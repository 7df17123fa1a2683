// Merged rows with what a person changed in them laid over, and the side on which each falls.
import type { Preference, PreferenceEdit, ShownPreference } from '../records/preference.ts';
import { preferencesSplit } from './preferencesSplit.ts';
import type { SplitSettings } from './split.ts';

/** In the order given. Where a person puts one row of a question on a side, its other rows go along unless they were put
 *  themselves: a test must not ask what was taught. */
export function shownPreferences(
  preferences: readonly Preference[],
  edits: readonly PreferenceEdit[],
  settings: SplitSettings,
): ShownPreference[] {
  const byPair = new Map(edits.map((edit) => [edit.id, edit]));
  const said = new Map<string, 'train' | 'test'>();
  if (edits.some(({ split }) => split))
    for (const { pair, question } of preferences) {
      const split = byPair.get(pair)?.split;
      if (split && said.get(question) !== 'test') said.set(question, split);
    }
  const sideOf = preferencesSplit(settings);
  return preferences.map((preference): ShownPreference => {
    const edit = byPair.get(preference.pair);
    const { excluded = false, comment, split } = edit ?? {};
    const { chosen, rejected } = edit?.writtenFor === preference.id ? edit : {};
    return {
      ...preference,
      chosen: chosen ?? preference.chosen,
      rejected: rejected ?? preference.rejected,
      comment: comment ?? preference.comment,
      excluded,
      changed: [chosen, rejected, comment, split ?? undefined].some((change) => change !== undefined),
      split: sideOf(preference.question, split ?? said.get(preference.question)),
    };
  });
}
