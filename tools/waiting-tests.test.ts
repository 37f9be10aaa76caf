import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './command.ts';
import { WAITING_TESTS } from './waiting-tests.ts';

test.each(WAITING_TESTS)('%s is there to be left out', (path) => expect(existsSync(join(root, path))).toBe(true));
