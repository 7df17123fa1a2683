// Links to tasks: this site alone, whatever an address looks like; return addresses are followed only where that is safe.
import { expect, test } from 'vitest';
import { fileName, isSafeLink, taskAddress } from '../../src/state/taskAddress.ts';

const BASE = 'https://studio.example/app/';

test('a path of this site is opened, relative to where the studio lives', () => {
  const opened = ['published/tasks.jsonl', '/tasks.jsonl', '../t.jsonl?v=2', 'https://studio.example/x.jsonl'];
  expect(opened.map((path) => taskAddress(path, BASE)?.href)).toEqual([
    'https://studio.example/app/published/tasks.jsonl',
    'https://studio.example/tasks.jsonl',
    'https://studio.example/t.jsonl?v=2',
    'https://studio.example/x.jsonl',
  ]);
});

test('another site is refused, however it is spelt', () => {
  for (const path of [
    'https://evil.example/tasks.jsonl',
    '//evil.example/tasks.jsonl',
    '\\\\evil.example\\tasks.jsonl',
    'http://studio.example/tasks.jsonl',
    'https://studio.example:8443/tasks.jsonl',
    'https://studio.example@evil.example/tasks.jsonl',
    ' https://evil.example/',
    'data:application/jsonl,{}',
    'blob:https://studio.example/0a1b',
    'filesystem:https://studio.example/temporary/x',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://',
    '',
    ' ',
  ])
    expect(taskAddress(path, BASE)?.href ?? null, path).toBeNull();
});

test('a file is named by its address', () => {
  const names = ['a/b%20c.jsonl?v=1', 'a/', 'a/%E0%A4%A.jsonl'].map((path) => fileName(new URL(path, BASE)));
  expect(names).toEqual(['b c.jsonl', 'tasks.jsonl', '%E0%A4%A.jsonl']);
});

test('only mail and secure pages become links', () => {
  expect(['mailto:ann@example.org', ' https://example.org/in'].every(isSafeLink)).toBe(true);
  const others = [
    'javascript:alert(1)',
    'data:text/html,x',
    'http://example.org',
    'Ann, room 4',
    '',
    'ann@example.org',
  ];
  expect(others.filter(isSafeLink)).toEqual([]);
});
