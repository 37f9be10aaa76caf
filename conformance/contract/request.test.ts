import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formatJson } from './json.ts';
import { checkRequest } from './request.ts';
import { EVENT_SAMPLES, evaluation, HEADERS, hookOf, pollRequest, SPAN_SAMPLES, validation, without } from './test-support.ts';

const EVENT = evaluation(EVENT_SAMPLES.ActivityStarted);
const SIGNED: Readonly<Record<string, string>> = {
  ...EVENT.headers,
  'x-openbox-agent-did': 'did:aip:6f1d2f0e-0000-4000-8000-000000000001',
  'x-openbox-agent-timestamp': '2026-03-08T12:00:00.123456+00:00',
  'x-openbox-agent-nonce': 'a'.repeat(32),
  'x-openbox-agent-signature': `${'A'.repeat(86)}==`,
  'x-openbox-body-sha256': createHash('sha256').update(EVENT.raw).digest('hex'),
};

describe('an endpoint', () => {
  it('takes its own method', () => {
    for (const request of [validation(), EVENT, pollRequest()]) {
      expect(checkRequest(request)).toEqual([]);
      expect(checkRequest({ ...request, method: 'PUT' })).toMatchObject([{ field: 'method' }]);
    }
  });

  it('has a known path', () => {
    for (const path of ['/api/v1/governance', '/api/v1/governance/evaluate/', '/api/v1/governance/evaluate?x=1', '__proto__']) {
      expect(checkRequest({ ...EVENT, path })).toMatchObject([{ field: 'path' }]);
    }
  });

  it('that is validate has no body', () => {
    expect(checkRequest({ ...EVENT, method: 'GET', path: validation().path })).toEqual([
      { field: 'body', problem: 'Expected no body' },
    ]);
  });
});

describe('headers', () => {
  it('compare without case', () => {
    const headers = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name.toUpperCase(), value]));
    expect(checkRequest(validation(headers))).toEqual([]);
  });

  it('are all needed', () => {
    for (const name of Object.keys(EVENT.headers)) {
      const headers = without(EVENT.headers, name) as Record<string, string>;
      expect(checkRequest({ ...EVENT, headers })).toMatchObject([{ field: `headers.${name}` }]);
    }
  });

  it.each([
    ['authorization', 'Bearer obx_prod_1'],
    ['authorization', 'obx_test_1'],
    ['user-agent', 'OpenBox-SDK/1.1.0'],
    ['traceparent', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['traceparent', 'none'],
    ['user-agent', 'OpenBox-SDK/openbox-temporal-typescript-v9.9.9'],
    ['x-openbox-sdk-version', '0.1.0'],
    ['content-type', 'text/plain'],
  ])('%s: %s is a violation', (name, value) => {
    const violations = checkRequest({ ...EVENT, headers: { ...EVENT.headers, [name]: value } });
    expect(violations).toMatchObject([{ field: `headers.${name}` }]);
    expect(JSON.stringify(violations)).not.toContain('obx_');
  });
});

describe('a signature', () => {
  it('is fine where it is whole', () => {
    expect(checkRequest({ ...EVENT, headers: SIGNED })).toEqual([]);
  });

  it('of an empty body hashes empty bytes', () => {
    const headers = { ...SIGNED, 'x-openbox-body-sha256': createHash('sha256').digest('hex') };
    expect(checkRequest(validation(headers))).toEqual([]);
  });

  it('is all or nothing', () => {
    for (const name of Object.keys(SIGNED).filter((each) => !(each in EVENT.headers))) {
      const headers = without(SIGNED, name) as Record<string, string>;
      expect(checkRequest({ ...EVENT, headers })).toMatchObject([{ field: `headers.${name}` }]);
    }
  });

  it.each([
    ['x-openbox-agent-did', 'did:aip:agent-1'],
    ['x-openbox-agent-timestamp', '2026-03-08T12:00:00Z'],
    ['x-openbox-agent-nonce', 'a'.repeat(31)],
    ['x-openbox-agent-signature', 'A'.repeat(86)],
    ['x-openbox-body-sha256', 'x'],
    ['x-openbox-body-sha256', '0'.repeat(64)],
  ])('%s: %s is a violation', (name, value) => {
    const headers = { ...SIGNED, [name]: value };
    expect(checkRequest({ ...EVENT, headers })).toMatchObject([{ field: `headers.${name}` }]);
  });
});

describe('a body', () => {
  it('is JSON', () => {
    for (const raw of ['', '{', '{"a":NaN}', '{"source":1,"source":1}']) {
      expect(checkRequest({ ...EVENT, raw, headers: EVENT.headers })[0]).toMatchObject({
        field: 'body',
        problem: expect.stringMatching(/^Expected JSON: /),
      });
    }
  });

  it('is compact', () => {
    const raw = JSON.stringify(EVENT_SAMPLES.ActivityStarted, null, 1);
    expect(checkRequest({ ...EVENT, raw })).toMatchObject([{ field: 'raw' }]);
  });

  it('keeps the digits of its times', () => {
    const rounded = formatJson(hookOf(SPAN_SAMPLES.db_query.started)).replace('1772971200000000001', '1.772971200000000001e18');
    expect(checkRequest({ ...EVENT, raw: rounded })).toMatchObject([{ field: 'spans[0].start_time' }]);
  });
});
