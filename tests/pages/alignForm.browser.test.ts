// The form of an alignment: presets leave the task as it is, and what cannot run yet is named.
import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';
import Rules from '../../src/pages/align/Rules.svelte';
import Settings from '../../src/pages/align/Settings.svelte';
import { NANO } from '../../src/records/baseModel.ts';
import { PPO_FIELDS, validatePpo } from '../../src/records/ppoConfig.ts';
import { newRule, RULE_KINDS } from '../../src/records/rules.ts';
import {
  alignSettings,
  pays,
  PPO_PRESETS,
  presetOf,
  presetPpo,
  ruleProblem,
} from '../../src/state/alignSettings.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { createProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

let pages: Record<string, unknown>[];
beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  localStorage.clear();
  await startWorkspace();
  await createProject('P');
  document.body.replaceChildren();
  pages = [mount(Rules, { target: document.body }), mount(Settings, { target: document.body })];
  await tick();
});
afterEach(() => Promise.all(pages.map((page) => unmount(page))));

const button = (name: string): HTMLButtonElement =>
  [...document.querySelectorAll('button')].find(
    ({ textContent, ariaLabel }) => (ariaLabel ?? textContent.trim()) === name,
  ) as HTMLButtonElement;
const field = (name: string, within: ParentNode = document): HTMLInputElement =>
  [...within.querySelectorAll('label')].find(({ textContent }) => textContent === name)?.control as HTMLInputElement;
async function type(input: HTMLInputElement, value: string): Promise<void> {
  input.focus();
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
  input.blur();
  await tick();
}
async function radio(value: string): Promise<void> {
  document.querySelector<HTMLInputElement>(`.presets input[value="${value}"]`)?.click();
  await tick();
}

test('every preset is a configuration that can run, told from the others', () => {
  for (const preset of PPO_PRESETS) {
    const config = presetPpo(preset, NANO);
    expect(validatePpo(config)).toEqual(config);
    expect(presetOf(config, NANO)).toBe(preset);
  }
});

test('a preset leaves rules, seed and what is chosen as they are', async () => {
  button('Whole sentence').click();
  alignSettings.set({ seed: 7, rewardAdapterId: 'scorer', startAdapterId: 'start', rewardWeight: 2 });
  await radio('bold');
  const { rules, ...config } = alignSettings.config;
  expect(rules).toEqual([newRule('sentence')]);
  expect(config).toMatchObject({ seed: 7, rewardAdapterId: 'scorer', startAdapterId: 'start', rewardWeight: 2 });
  expect(alignSettings.preset).toBe('bold');
  expect(alignSettings.effective).toMatchObject({ rewardAdapterId: null, startAdapterId: null }); // neither is there
});

test('every number of the configuration has its field', () => {
  const shown = [...document.querySelectorAll('.fields input[type=number]')].length;
  expect(shown).toBe(PPO_FIELDS.length - 1); // the weight of the reward model stands beside it
});

test('a mistyped number is named, and a preset begins its field anew', async () => {
  await type(field('Steps'), '0');
  expect(alignSettings.wrong).toEqual(['steps']);
  expect(alignSettings.preset).toBeNull();
  await radio('careful');
  expect(alignSettings.wrong).toEqual([]);
  expect(field('Steps').value).toBe(String(alignSettings.config.steps));
});

test('answers per prompt that do not divide the answers of a step are named until they do', async () => {
  await type(field('Answers per prompt'), '5');
  expect(alignSettings.wrong).toEqual(['samplesPerPrompt']);
  await type(field('Answers of a step'), '30');
  expect(alignSettings.wrong).toEqual([]);
});

test('a rule waits for its words, a pattern for one that can be searched', async () => {
  button('Contains').click();
  await tick();
  expect(alignSettings.unfinished).toBe(0);
  await type(field('Words'), 'Bern');
  expect(alignSettings.unfinished).toBe(-1);
  expect(ruleProblem({ kind: 'regex', weight: 1, pattern: '[' })).toMatchObject({ what: 'pattern' });
  expect(ruleProblem({ kind: 'regex', weight: 1, pattern: '(a+)+b' })).toEqual({ what: 'slow' });
  expect(RULE_KINDS.filter((kind) => ruleProblem(newRule(kind)))).toEqual(['contains', 'regex']);
});

test('a wrong weight names its rule; the rule that is removed takes it along', async () => {
  button('Cites').click();
  await tick();
  await type(field('Weight'), '1000');
  expect(alignSettings.unfinished).toBe(0);
  button('Remove the rule “Cites”').click();
  await tick();
  expect(alignSettings.config.rules).toEqual([]);
  expect(alignSettings.unfinished).toBe(-1);
});

test('a half-written rule is kept for the next visit', async () => {
  button('Pattern').click();
  await tick();
  await type(field('Regular expression'), '[');
  const kept = localStorage.getItem(`atelier:ppo ${projects.current?.id}`);
  expect((JSON.parse(kept ?? '{}') as typeof alignSettings).config.rules).toEqual([
    { kind: 'regex', weight: 1, pattern: '[' },
  ]);
});

test('the ends of a range are told whole, not rounded', () => {
  expect(document.body.textContent).toContain('0 to 4,294,967,295');
});

test('nothing is paid by weights of zero, nor by a reward model that was not chosen', () => {
  const config = presetPpo('balanced', NANO);
  const rule = newRule('sentence');
  expect(pays({ ...config, rules: [] })).toBe(false);
  expect(pays({ ...config, rules: [{ ...rule, weight: 0 }] })).toBe(false);
  expect(pays({ ...config, rules: [{ ...rule, weight: -1 }] })).toBe(true);
  expect(pays({ ...config, rewardAdapterId: 'a', rewardWeight: 0 })).toBe(false);
  expect(pays({ ...config, rewardAdapterId: 'a', rewardWeight: 1 })).toBe(true);
});
