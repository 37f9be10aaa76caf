import { expect, test } from 'vitest';
import { manualClock } from './ports/clock.ts';
import { memoryLogger } from './ports/logger.ts';
import { createWarnings } from './warnings.ts';

const MINUTE = 60_000;

const setUp = () => {
  const [logger, clock] = [memoryLogger(), manualClock()];
  return { logger, clock, ...createWarnings(logger, clock) };
};

test('logs the first warning of a kind at once, with its details', () => {
  const { logger, warn } = setUp();
  warn('outage', 'Core not reachable', { status: 503 });
  expect(logger.lines).toEqual([{ level: 'warn', message: 'Core not reachable', details: { status: 503 } }]);
});

test('logs a kind once a minute, and counts what it left out', () => {
  const { logger, clock, warn } = setUp();
  for (let i = 0; i < 5; i++) warn('outage', 'Core not reachable');
  clock.advance(MINUTE - 1);
  warn('outage', 'Core not reachable');
  expect(logger.lines).toHaveLength(1);

  clock.advance(1);
  warn('outage', 'Core not reachable', { status: 503 });
  expect(logger.lines.slice(1)).toEqual([
    { level: 'warn', message: 'Core not reachable (and 5 more since the last warning)', details: { status: 503, suppressed: 5 } },
  ]);
});

test('starts counting anew after each warning', () => {
  const { logger, clock, warn } = setUp();
  warn('outage', 'first');
  warn('outage', 'left out');
  clock.advance(MINUTE);
  warn('outage', 'second');
  clock.advance(MINUTE);
  warn('outage', 'third');
  expect(logger.lines.map(({ message }) => message)).toEqual(['first', 'second (and 1 more since the last warning)', 'third']);
});

test('a kind is not held back by another', () => {
  const { logger, warn } = setUp();
  warn('outage', 'a');
  warn('sync', 'b');
  expect(logger.lines.map(({ message }) => message)).toEqual(['a', 'b']);
});

test('a kind may be named like anything an object has', () => {
  const { logger, warn } = setUp();
  for (const kind of ['__proto__', 'constructor', 'toString']) warn(kind, kind);
  expect(logger.lines).toHaveLength(3);
});

test('forgets the kind warned of longest ago once there are many', () => {
  const { logger, clock, warn } = setUp();
  const heard = (kind: string): boolean => {
    const before = logger.lines.length;
    warn(kind, kind);
    return logger.lines.length > before;
  };
  warn('a', 'a');
  warn('b', 'b');
  clock.advance(MINUTE);
  // Warned of again: now "b" is the oldest.
  warn('a', 'a');
  for (let i = 0; i < 199; i++) warn(`filler ${i}`, 'filler');
  expect(heard('a')).toBe(false);
  expect(heard('b')).toBe(true);
});

test('the time of day may jump', () => {
  const logger = memoryLogger();
  let days = 100;
  const clock = { ...manualClock(), now: () => days-- * 24 * 60 * MINUTE };
  const { warn } = createWarnings(logger, clock);
  warn('outage', 'a');
  warn('outage', 'a');
  expect(logger.lines).toHaveLength(1);
});
