import { expect, test } from 'vitest';
import { sharedJson } from './shared-json.ts';

test('made once, and the same for whoever asks', async () => {
  let made = 0;
  const make = async (): Promise<{ readonly n: number }> => ({ n: ++made });
  const name = `test-${process.pid}`;
  expect(await sharedJson(name, make)).toEqual({ n: 1 });
  expect(await sharedJson(name, make)).toEqual({ n: 1 });
});

test('what cannot be made is told, and made when asked for again', async () => {
  const name = `test-failing-${process.pid}`;
  await expect(sharedJson(name, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  expect(await sharedJson(name, async () => 2)).toBe(2);
});
