import { describe, expect, test } from 'vitest';
import { formatTraceparent, parseTraceContext } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${SPAN}-01`;

test('a traceparent is read and written', () => {
  const context = { traceId: TRACE, spanId: SPAN, sampled: true };
  expect(parseTraceContext(VALID)).toEqual(context);
  expect(formatTraceparent(context)).toBe(VALID);
  expect(parseTraceContext(`00-${TRACE}-${SPAN}-00`)).toEqual({ ...context, sampled: false });
  expect(formatTraceparent({ ...context, sampled: false })).toBe(`00-${TRACE}-${SPAN}-00`);
});

test('flags of a later level and what a later version adds are left alone', () => {
  expect(parseTraceContext(`00-${TRACE}-${SPAN}-03`)).toMatchObject({ sampled: true });
  expect(parseTraceContext(`cc-${TRACE}-${SPAN}-00-more`)).toMatchObject({ traceId: TRACE, sampled: false });
});

describe('is none', () => {
  test.each([
    undefined, null, 7, {}, '', 'none', `ff-${TRACE}-${SPAN}-01`, `${VALID}-more`, VALID.toUpperCase(), VALID.slice(1), `${VALID}0`,
    `00-${'0'.repeat(32)}-${SPAN}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`, `00-${TRACE}-${SPAN}`,
  ])('%j', (text) => expect(parseTraceContext(text)).toBeUndefined());
});

describe('a tracestate', () => {
  test('goes along', () => expect(parseTraceContext(VALID, 'a=1,b=2')).toMatchObject({ state: 'a=1,b=2' }));
  test.each([undefined, '', 7, 'a=\u0007', 'x'.repeat(513)])('%j does not', (state) =>
    expect(parseTraceContext(VALID, state)).not.toHaveProperty('state'));
});
