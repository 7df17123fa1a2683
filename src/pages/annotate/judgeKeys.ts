// The keys of judging, as a list that the help shows too. What they do is told by whoever composes the page.
import type { Messages } from '../../messages/index.ts';
import type { Key } from '../../state/keys.svelte.ts';

/** 1, 2 and 3 say how much better; the reasons come behind them. */
export const FIRST_TAG_KEY = 4;
export const TAG_KEYS = 6;

export interface JudgeVerbs {
  left: () => void;
  right: () => void;
  tie: () => void;
  bad: () => void;
  accept: () => void;
  rank: (position: number) => void;
  strength: (n: number) => void;
  tag: (i: number) => void;
  comment: () => void;
  edit: (position: number) => void;
  skip: () => void;
  flag: () => void;
  clear: () => void;
  undo: () => void;
  redo: () => void;
  previous: () => void;
  next: () => void;
  passages: () => void;
  differences: () => void;
  focus: () => void;
  items: () => void;
}

interface Scene {
  answers: number;
  tags: readonly string[];
  hasPassages: boolean;
  /** False until the person has a name to judge under. */
  named: boolean;
}

export function judgeKeys(
  verbs: JudgeVerbs,
  { answers, tags, hasPassages, named }: Scene,
  words: Messages['judge'],
): Key[] {
  const key = (name: string, label: string, run: () => void): Key => ({ key: name, label, run, once: true });
  const many = answers > 2;
  const { verdict } = words;
  const looking = [
    key('n', words.next, verbs.next),
    key('p', words.previous, verbs.previous),
    ...(hasPassages ? [key('v', words.passages.key, verbs.passages)] : []),
    ...(many ? [] : [key('d', words.differences, verbs.differences)]),
    key('z', words.focus, verbs.focus),
    key('i', words.items, verbs.items),
  ];
  if (!named) return looking;
  const verdicts = many
    ? [
        key('Enter', verdict.accept, verbs.accept),
        key('ArrowDown', verdict.tieAll, verbs.tie),
        key('ArrowUp', verdict.badAll, verbs.bad),
        ...Array.from({ length: Math.min(9, answers) }, (_, i) =>
          key(String(i + 1), words.rankKey(i + 1), () => verbs.rank(i)),
        ),
      ]
    : [
        key('ArrowLeft', verdict.leftBetter, verbs.left),
        key('ArrowRight', verdict.rightBetter, verbs.right),
        key('ArrowDown', verdict.tieSaid, verbs.tie),
        key('ArrowUp', verdict.badSaid, verbs.bad),
        ...words.strengths.map((label, i) =>
          key(String(i + 1), `${words.strength}${words.colon}${label}`, () => verbs.strength(i + 1)),
        ),
        ...tags
          .slice(0, TAG_KEYS)
          .map((tag, i) => key(String(FIRST_TAG_KEY + i), `${words.tag}${words.colon}${tag}`, () => verbs.tag(i))),
      ];
  return [
    ...verdicts,
    key('c', words.keyComment, verbs.comment),
    key('e', many ? words.keyEditBest : words.keyEditLeft, () => verbs.edit(0)),
    ...(many ? [] : [key('E', words.keyEditRight, () => verbs.edit(1))]),
    key('s', words.skip, verbs.skip),
    key('f', words.flag, verbs.flag),
    key('x', words.clear, verbs.clear),
    key('u', words.undo, verbs.undo),
    key('U', words.redo, verbs.redo),
    { ...key('z', words.undo, verbs.undo), control: true },
    { ...key('Z', words.redo, verbs.redo), control: true },
    { ...key('y', words.redo, verbs.redo), control: true },
    ...looking,
  ];
}
