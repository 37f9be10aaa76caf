import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './command.ts';
import { LEFT_TO_NODE } from './left-to-node.ts';

test.each(LEFT_TO_NODE)('%s is there to be left out', (path) => expect(existsSync(join(root, path))).toBe(true));
