// Languages as a person reads them: "English and French".
import { language } from '../../state/language.svelte.ts';

export function languagesOf(codes: readonly string[]): string {
  const names = new Intl.DisplayNames([language.value], { type: 'language' });
  return new Intl.ListFormat(language.value).format(codes.map((code) => names.of(code) ?? code));
}
