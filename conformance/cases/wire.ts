import assert from 'node:assert/strict';
import type { Case } from '../surface.ts';

export const wireCases: readonly Case[] = [
  {
    id: 'no payload of the whole suite broke the contract',
    proves: ['wire.valid'],
    async run({ core }) {
      assert.deepEqual(await core.violations(), []);
    },
  },
];
