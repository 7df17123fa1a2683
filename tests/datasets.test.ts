// The demo data: every row parses, pairs agree with their documents, and the language faults once mended stay away.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import index from '../datasets/index.json' with { type: 'json' };
import { preferencesSplit } from '../src/curation/preferencesSplit.ts';
import { Tokenizer } from '../src/engine/tokenizer.ts';
import { readItems } from '../src/formats/judgements.ts';
import { REWARD_FIELDS } from '../src/records/rewardConfig.ts';
import { feedbackText } from '../tools/datasets/feedback.mjs';
import { filesIn } from './engine/files.ts';

type Row = Record<string, unknown>;

const folder = new URL('../datasets/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const parse = (name: string) => {
  const text = read(name);
  expect(text.endsWith('}\n'), `${name} ends with a line break`).toBe(true);
  return text.slice(0, -1).split('\n').map((line) => JSON.parse(line) as Row); // prettier-ignore
};

const files = [index.questions, index.train, index.test, index.prompts, index.tasks, index.feedback, index.preferences];
const parsed = Object.fromEntries(files.map((name) => [name, parse(name)])) as Record<string, Row[]>;
/** Without the head of the task file. */
const rows = { ...parsed, [index.tasks]: parsed[index.tasks]?.slice(1) } as Record<string, Row[]>;
const all = files.flatMap((name) => (rows[name] ?? []).map((row, i) => ({ where: `${name}:${i + 1}`, row })));
const texts = all.flatMap(({ where, row }) =>
  Object.values(row).flatMap((value) => (typeof value === 'string' ? [{ where, text: value }] : [])),
);
const documents = new Map(index.documents.map((path) => [path.replace('documents/', ''), read(path)]));
const lines = [...texts, ...[...documents].map(([where, text]) => ({ where, text }))];

/** README's table: file, rows, fields in order. */
const table = [...read('README.md').matchAll(/^\| `(\S+\.jsonl)` *\| *(\d+) *\| (.+?) *\|$/gm)].map((m) => ({
  name: m[1] ?? '',
  count: Number(m[2]),
  keys: [...(m[3] ?? '').matchAll(/`(\w+)`/g)].map((key) => key[1]),
}));

describe('files', () => {
  test('index.json names every file of the folder and no other', () => {
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.jsonl'))
        .sort(),
    ).toEqual([...files].sort());
    expect(readdirSync(new URL('documents/', folder)).sort()).toEqual([...documents.keys()].sort());
  });

  test('README gives the row count and the fields of every file', () => {
    expect(table.map((line) => line.name).sort()).toEqual([...files].sort());
    for (const { name, count, keys } of table) {
      expect(rows[name], name).toHaveLength(count);
      for (const row of rows[name] ?? []) expect(Object.keys(row), name).toEqual(keys);
    }
  });

  test('text is NFC, trimmed, without double spaces, byte-order marks or odd spaces', () => {
    for (const { where, text } of lines) {
      expect(text.normalize('NFC') === text, `${where} is NFC`).toBe(true);
      expect(text, where).not.toMatch(/ {2}|[\t\r\u00a0\u202f\ufeff\ufffd]| \n|^\s/);
    }
  });
});

describe('rows', () => {
  test('every text field is filled, and a prompt is a question, "Context:" and passages', () => {
    for (const { where, row } of all) {
      for (const [key, value] of where.startsWith(index.feedback) ? [] : Object.entries(row))
        if (key !== 'answerable' && key !== 'responses')
          expect(typeof value === 'string' && value.trim() === value && value, `${where} ${key}`).toBeTruthy();
      if ('prompt' in row) expect(row.prompt, where).toMatch(/^\p{Lu}[^\n]*[?.]\n\nContext:\n\S/u);
    }
  });

  test('no prompt is twice in a file, nor both in train and test', () => {
    for (const name of files.filter((file) => file !== index.feedback)) {
      const asked = (rows[name] ?? []).map((row) => row.prompt ?? row.question);
      expect(new Set(asked).size, name).toBe(asked.length);
    }
    const train = new Set(rows[index.train]?.map((row) => row.prompt));
    expect(rows[index.test]?.filter((row) => train.has(row.prompt))).toEqual([]);
  });

  test('the answer of an answerable question stands in its document, and others are refused', () => {
    for (const row of rows[index.questions] ?? []) {
      const document = documents.get(String(row.document));
      expect(document, String(row.document)).toBeDefined();
      if (row.answerable) expect(document, String(row.question)).toContain(row.answer);
      else expect(row.answer).toBe(row.lang === 'fr' ? 'Le rapport ne le dit pas.' : 'The report does not say.');
    }
  });

  test('level and colour of every completion stand in one passage about the subject asked for', () => {
    for (const { where, row } of all.filter(({ row }) => 'completion' in row)) {
      const [question = '', context = ''] = String(row.prompt).split('\n\nContext:\n');
      const [, level, colour] = /^(?:Level|Niveau) (\d), ([a-z]+)\.$/.exec(String(row.completion)) ?? [];
      const fits = context
        .split(/(?<=\.) |\n/)
        .filter((s) =>
          new RegExp(`(?:level|niveau(?: de veille)?) ${level}\\b.*(?:colour|couleur) ${colour}\\.$`).test(s),
        );
      const named = (s: string) =>
        question.split(/[ '?]/).some((w) => /^[A-ZÉ]/.test(w) && w.length > 2 && s.includes(w));
      expect(fits.some(named), `${where}: ${row.completion}`).toBe(true);
    }
  });

  test('the two answers of a preference differ, and its time is UTC to the second without a zone', () => {
    let previous = '';
    for (const row of rows[index.preferences] ?? []) {
      expect(row.chosen).not.toBe(row.rejected);
      expect(row.timestamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
      expect(new Date(`${String(row.timestamp)}Z`).toISOString().slice(0, 19)).toBe(row.timestamp);
      expect(String(row.timestamp) > previous).toBe(true);
      previous = String(row.timestamp);
    }
  });

  test('a source cited by a preferred answer is a passage of its prompt', () => {
    for (const row of rows[index.preferences] ?? []) {
      const cited = /\[(\d+)\]\.$/.exec(String(row.chosen))?.[1];
      if (cited) expect(row.prompt).toContain(`\n[${cited}] `);
    }
  });
});

describe('length tells nothing about preferences', async () => {
  const nano = await Tokenizer.load(filesIn('public/models/nano'));
  const pairs = (rows[index.preferences] ?? []).map((row) => {
    const [chosen, rejected] = [row.chosen, row.rejected].map((text) => nano.encode(String(text)).length);
    return { prompt: String(row.prompt), chosen: chosen ?? 0, rejected: rejected ?? 0 };
  });
  const near = ({ chosen, rejected }: (typeof pairs)[number]) =>
    Math.abs(chosen - rejected) <= Math.max(2, 0.1 * Math.max(chosen, rejected));

  test('the longer answer is the chosen one in about half of those whose lengths differ', () => {
    const longer = pairs.filter(({ chosen, rejected }) => chosen > rejected).length;
    const shorter = pairs.filter(({ chosen, rejected }) => chosen < rejected).length;
    expect(longer / (longer + shorter)).toBeGreaterThan(0.45);
    expect(longer / (longer + shorter)).toBeLessThan(0.55);
    const said =
      /the longer one in (\d+) rows, the shorter one in (\d+), and of the same\s+length in (\d+); in (\d+) rows/;
    expect(said.exec(read('README.md'))?.slice(1).map(Number)).toEqual([
      longer,
      shorter,
      pairs.length - longer - shorter,
      pairs.filter(near).length,
    ]);
  });

  test('a hundred pairs that are about equally long are kept for the default test', () => {
    const of = (key: string) => REWARD_FIELDS.find((field) => field.key === key)?.default ?? 0;
    const side = preferencesSplit({ seed: of('seed'), testShare: of('testShare') });
    const test = pairs.filter(({ prompt }) => side(prompt.split('\n\nContext:\n')[0] ?? '') === 'test');
    expect(test.length).toBeGreaterThan(150);
    expect(test.filter(near).length).toBeGreaterThanOrEqual(100);
  });

  test('what a right answer to a prompt contains stands in its passages', () => {
    for (const { prompt, answer } of rows[index.prompts] ?? [])
      expect(String(prompt).split('Context:')[1]?.toLowerCase()).toContain(String(answer).toLowerCase());
  });
});

describe('tasks and feedback', () => {
  const items = (name: string) => readItems(new Blob([read(name)]).stream(), { name }); // prettier-ignore

  test('every task is read, after a head with all that it may say, and its two answers come from the model', async () => {
    const { format, head, items: tasks, problems } = await items(index.tasks);
    expect({ format, problems }).toEqual({ format: 'tasks', problems: [] });
    expect(tasks).toHaveLength(40);
    expect(head.title && head.returnTo && head.guidelines && head.tags.length).toBeTruthy();
    const prompts = rows[index.prompts]?.map((row) => row.prompt);
    for (const { task } of tasks) {
      expect(prompts).toContain(task.prompt);
      expect(task.responses.map(({ origin }) => origin.name)).toEqual(['nano', 'nano']);
      expect(task.responses[0]?.origin.seed).not.toBe(task.responses[1]?.origin.seed);
    }
    expect(tasks.filter(({ task }) => /[éèàç]/.test(task.question)).length).toBeGreaterThan(8); // French among them
  });

  test('the feedback is what its rule makes, and all of it is read', async () => {
    expect(read(index.feedback)).toBe(feedbackText());
    const { format, items: lines, problems } = await items(index.feedback);
    expect({ format, problems }).toEqual({ format: 'atelier', problems: [] });
    const judgements = lines.flatMap((line) => line.judgements);
    expect(new Set(judgements.map(({ id }) => id)).size).toBe(120);
    expect(new Set(judgements.map(({ annotator }) => annotator)).size).toBe(3);
    expect(new Set(judgements.map(({ prompt, responses }) => JSON.stringify([prompt, responses]))).size).toBe(60);
  });

  test('the feedback has something of all that a judgement can say', () => {
    const said = rows[index.feedback] ?? [];
    const count = (is: (row: Row) => unknown) => said.filter(is).length;
    expect({
      better: count((row) => row.verdict === 'better'),
      tie: count((row) => row.verdict === 'tie'),
      bad: count((row) => row.verdict === 'bad'),
      skipped: count((row) => row.status === 'skipped'),
      again: count((row) => row.round === 1),
    }).toEqual({ better: 95, tie: 16, bad: 5, skipped: 4, again: 12 });
    for (const field of ['strength', 'annotator_comment', 'edit', 'flagged'])
      expect(count((row) => row[field]), field).toBeGreaterThan(0); // prettier-ignore
    expect(count((row) => (row.tags as string[]).length)).toBeGreaterThan(0);
  });
});

/** Faults that the sets had as generated, and two that they never should have: contractions and the space before `?`. */
const FAULTS: Record<string, RegExp> = {
  'contraction: de le, de les, à le, à les': /(?<![\p{L}'])(?:de|à) les? \p{L}/iu,
  'double article after an elision': /(?<!\p{L})[dl]'(?:le|la|les|des|du|[dl]')/iu,
  'elision: de, que, le, la before a vowel': /(?<!\p{L})(?:(?:[Dd]e|[Qq]ue) [aeiouéè]|[Ll][ae] [AEIOUÉ])\p{L}/u,
  'agreement: la X est passé, est-il classé': /(?<!\p{L})[Ll]a [A-ZÉ]\p{L}* est(?: passé(?!e)|-il)/u,
  'agreement: the same behind l’':
    /(?<!\p{L})[Ll]'(?:\p{L}*ie|Espagne|Inde|Égypte|Ukraine|Islande|Irlande|Autriche|Allemagne) est(?: passé(?!e)|-il)/u,
  'agreement: Quel est, pour X, la': /Quel est, pour [^,\n]+, la /,
  'agreement: temps d’attente actuelle': /temps d'attente actuelle/,
  'agreement: a man as la secrétaire': /(?<!\p{L})(?:Pierre|Paul|Marc|Omar|Kofi|Noah|Ivan|Karim) \p{L}+ est la \p{L}+/u,
  'agreement: a woman élu maire':
    /(?<!\p{L})(?:Zoé|Astrid|Anna|Lena|Rosa|Emma|Clara) \p{L}+ (?:a été élu|est devenu) maire/u,
  'plural: culture est les': /(?:culture|milieu naturel) [^.\n]* est les /,
  'date without its article': /(?:anniversaire|inauguration|échéance|inspection|fête) d[^.\n]* est (?:désormais )?\d/,
  'amount without de':
    /(?:loyer|caution|amende|prêt|profit|salaire|subvention|largeur|hauteur|profondeur) d[^.\n]* est (?:désormais )?\d/,
  'millions € in French': /milli(?:on|ard)s €/,
  'English city name in French':
    /(?<!\p{L})(?:[Àà] |d'|près de )(?:London|Geneva|Venice|Lisbon|Barcelona|Antwerp|Brussels|Copenhagen|Cairo)(?!\p{L}| [A-Z])/u,
  'no space before a French question mark':
    /(?<!\p{L})(?:Qui|Quel|Quelle|Où|Quand|Combien|Pourquoi|Comment) [^\n?]*\S\?/u,
  'five digits run together': /(?<![\d.,:]|^|(?:code|numéro) [^.\n]*)\d{5,}(?!\d| est le (?:code|numéro))/,
  'tense: Since May … is at': /Since May, [^,.\n]* is at/,
  'number: new taxes is': /(?:new taxes|rising \w+ prices)[^.\n]* is the (?:main|biggest) threat/,
  'preposition: blamed … by, planned on, lives from': /blamed its loss by|is planned on|lives(?: mainly)? from/,
  'word: novelties, now … now': /novelties|For now, [^.\n]* is now/,
  'aim that makes no sense':
    /(?:extend|protect|finance|support) (?:food waste|noise)|ban nurses|(?:étendre|protéger|soutenir) (?:les sacs|le gaspillage)/,
};

describe('language', () => {
  test.each(Object.entries(FAULTS))('free of: %s', (_, fault) => {
    expect(
      lines.filter(({ text }) => fault.test(text)).map(({ where, text }) => `${where}: ${fault.exec(text)?.[0]}`),
    ).toEqual([]);
  });
});

describe('the shipped model', () => {
  const model = new URL('../public/models/nano/', import.meta.url);

  test('its weights are those of NANO: bytes, and as many parameters', async () => {
    const { createHash } = await import('node:crypto');
    const { NANO } = await import('../src/records/baseModel.ts');
    const bytes = readFileSync(new URL('model.safetensors', model));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(NANO.sha256);
    const length = Number(bytes.readBigUInt64LE(0));
    const { __metadata__, ...tensors } = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
      string,
      { shape?: number[] }
    >;
    expect(__metadata__).toEqual({ format: 'pt' });
    const sizes = Object.values(tensors).map((tensor) => (tensor.shape ?? []).reduce((a, b) => a * b, 1));
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(NANO.parameters);
  });

  test('its card says that it is a demo model, and no test fixture is served', () => {
    expect(readFileSync(new URL('README.md', model), 'utf8')).toMatch(/^# nano v2 \(demo model\)$/m);
    expect(existsSync(new URL('expected.json', model))).toBe(false);
  });
});
