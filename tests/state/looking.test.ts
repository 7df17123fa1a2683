// Seconds of looking count what is on screen, and only while the page can be seen.
import { expect, test } from 'vitest';
import { Looking } from '../../src/state/looking.ts';

function stage() {
  let now = 0;
  let visible = true;
  let changed = (): void => undefined;
  const looking = new Looking({ now: () => now, visible: () => visible, watch: (call) => void (changed = call) });
  return {
    looking,
    pass: (seconds: number) => void (now += seconds * 1000),
    show: (seen: boolean) => {
      visible = seen;
      changed();
    },
  };
}

test('what is looked at again adds up; what was taken is not counted twice', () => {
  const { looking, pass } = stage();
  looking.look('a');
  pass(2);
  looking.look('b');
  pass(5);
  looking.look('a');
  pass(1.25);
  expect([looking.take('a'), looking.take('b'), looking.take('c')]).toEqual([3.3, 5, 0]);
  pass(1);
  expect([looking.take('a'), looking.take('b')]).toEqual([1, 0]);
});

test('a hidden page is not looked at, nor is one that was left', () => {
  const { looking, pass, show } = stage();
  looking.look('a');
  pass(1);
  show(false);
  pass(60);
  show(true);
  pass(1);
  looking.look(null);
  pass(60);
  show(false);
  looking.look('b'); // opened out of sight
  pass(60);
  show(true);
  pass(4);
  expect([looking.take('a'), looking.take('b')]).toEqual([2, 4]);
});
