import { afterEach, expect, test } from 'vitest';
import { OpenBoxConfigError } from './errors.ts';
import { createScopes } from './governor.ts';
import { memoryContextStorage } from './ports/context-storage.ts';
import { createSlot, otherVersion, type ProcessSlot, processSlot } from './slot.ts';
import { VERSION } from './version.ts';

const SLOT = Symbol.for('openbox.sdk.process');
const holder = globalThis as { [SLOT]?: ProcessSlot };

afterEach(() => void delete holder[SLOT]);

const ownSlot = (): ProcessSlot => createSlot(createScopes(memoryContextStorage));
const slotHere = (): ProcessSlot => processSlot(memoryContextStorage);

test('is one per process', () => {
  expect(slotHere()).toBe(slotHere());
  expect(otherVersion(slotHere())).toBeUndefined();
});

test('is shared with a copy of another version that fits', () => {
  const first = (holder[SLOT] = { ...ownSlot(), version: '9.9.9' });
  expect(slotHere()).toBe(first);
  expect(otherVersion(first)).toContain(`9.9.9 and ${VERSION}`);
});

test('of a copy that does not fit is an OpenBoxConfigError that names both versions, and stays as it was', () => {
  const first = (holder[SLOT] = { ...ownSlot(), protocol: 99, version: '9.9.9' });
  expect(slotHere).toThrow(OpenBoxConfigError);
  expect(slotHere).toThrow(`9.9.9 and ${VERSION}`);
  expect(holder[SLOT]).toBe(first);
});
