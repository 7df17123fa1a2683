// What the palette offers: every page, every project, and verbs that work anywhere.
import { LANGUAGES, type Language } from '../../messages/index.ts';
import { language, t } from '../../state/language.svelte.ts';
import { projects } from '../../state/projects.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { theme, THEMES } from '../../state/theme.svelte.ts';
import { href, PAGES } from '../index.ts';
import { overlays } from './overlays.svelte.ts';
import { demo, switchProject } from './projectVerbs.ts';

export interface Command {
  id: string;
  label: string;
  kind: 'page' | 'verb' | 'project';
  run: () => void;
}

export function commands(): Command[] {
  const words = t();
  const verb = (id: string, label: string, run: () => void): Command => ({ id, label, kind: 'verb', run });
  return [
    // One run is reached from a list of them.
    ...PAGES.filter(({ id }) => id !== 'runs').map(({ id }): Command => ({
      id,
      label: words.pages[id],
      kind: 'page',
      run: () => router.go(href(id).slice(1)),
    })),
    verb('demo', words.start.openDemo, () => void demo()),
    verb('new', words.projects.new, () => overlays.open('newProject')),
    verb('keys', words.keys.help, () => overlays.open('keys')),
    ...THEMES.map((name) =>
      verb(`theme-${name}`, `${words.settings.theme} · ${words.settings.themes[name]}`, () => (theme.value = name)),
    ),
    ...(Object.keys(LANGUAGES) as Language[]).map((name) =>
      verb(`language-${name}`, `${words.settings.language} · ${words.settings.languages[name]}`, () => {
        language.value = name;
      }),
    ),
    ...projects.list.map(({ id, name }): Command => ({
      id,
      label: name,
      kind: 'project',
      run: () => void switchProject(id),
    })),
  ];
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Commands that hold every typed word; those whose label starts with the text come first. */
export function matching(all: readonly Command[], typed: string): Command[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const found = all.filter(({ label }) => words.every((word) => plain(label).includes(word)));
  const first = (command: Command): number => (words[0] && plain(command.label).startsWith(words[0]) ? 0 : 1);
  return found.sort((a, b) => first(a) - first(b));
}
