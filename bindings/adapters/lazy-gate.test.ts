import { expect, test, vi } from 'vitest';
import { OpenBoxConfigError } from '../../core/index.ts';
import { lazyGate } from './lazy-gate.ts';
import { createWorld } from './test-support.ts';

test('opens the slot when it is first asked, once', async () => {
  const { slot, activity } = createWorld();
  const open = vi.fn(() => slot);
  const gate = lazyGate(open);
  expect(open).not.toHaveBeenCalled();
  await activity(async () => expect([gate.enter('a'), gate.enter('b')]).not.toContain(undefined));
  expect(open).toHaveBeenCalledTimes(1);
});

test('lets everything through where the slot is of another kind, with one line', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const gate = lazyGate(() => {
    throw new OpenBoxConfigError('Two versions');
  });
  expect([gate.enter('a'), gate.enter('b')]).toEqual([undefined, undefined]);
  expect(warn.mock.calls).toEqual([['[openbox] warn: Two versions. What this one would govern runs unasked']]);
  warn.mockRestore();
});
