// Verbs on embedders with the words that go with them; used where they are chosen and where they are kept.
import type { Embedder } from '../../records/embedder.ts';
import { corpus } from '../../state/corpus.svelte.ts';
import { embedders } from '../../state/embedders.svelte.ts';
import { format, language, t } from '../../state/language.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { attempt } from '../frame/projectVerbs.ts';

/** "English and French". */
export function languagesOf(codes: readonly string[]): string {
  const names = new Intl.DisplayNames([language.value], { type: 'language' });
  return new Intl.ListFormat(language.value).format(codes.map((code) => names.of(code) ?? code));
}

/** What it is good for, and what it takes. */
export function aboutEmbedder({ languages, dim, maxTokens, bytes, license }: Embedder): string {
  const words = t().documents.embedder;
  const known = languages.length > 0 ? languagesOf(languages) : words.unknownLanguages;
  return [known, words.facts(dim, maxTokens, format.bytes(bytes)), license].filter(Boolean).join(' · ');
}

/** Tried on a sentence, kept, and used by the open project. */
export function addEmbedder(files: readonly File[]): Promise<boolean> {
  return attempt(async () => {
    const { id, name } = await embedders.add(files);
    await corpus.save({ embedderId: id });
    toasts.show(t().documents.embedder.added(name), { seconds: 8 });
  });
}

export const useEmbedder = (embedderId: string): Promise<boolean> => attempt(() => corpus.save({ embedderId }));

export function removeEmbedder({ id, name }: Embedder): void {
  embedders.hide(id);
  toasts.undoable(
    t().documents.embedder.removed(name),
    t().common.undo,
    () => embedders.show(id),
    () => void attempt(() => embedders.remove(id)),
  );
}
