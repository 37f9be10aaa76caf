import { expect, test } from 'vitest';
import { lineLogger } from './line-logger.ts';

test('writes one line for each message, whatever the details', () => {
  const lines: string[] = [];
  const logger = lineLogger((line) => void lines.push(line));
  logger.info('Started');
  logger.warn('Slow', { ms: 5 });
  logger.error('Failed', { cause: new Error('two\nlines'), big: 1n });
  expect(lines).toEqual([
    '[openbox] info: Started\n',
    '[openbox] warn: Slow {"ms":5}\n',
    '[openbox] error: Failed {"cause":{"type":"Error","message":"two\\nlines"},"big":1}\n',
  ]);
});
