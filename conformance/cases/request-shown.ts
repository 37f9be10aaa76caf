import assert from 'node:assert/strict';
import type { Asked } from '../surface.ts';
import { spans } from './steps.ts';

/** The request whose spans `assertShown` expects, by whatever client: POST this to the site's path, with these headers. */
export const SHOWN = {
  path: '/echo?token=secret&q=1',
  headers: { authorization: 'Bearer secret', 'x-plain': 'plain', 'content-type': 'application/json' },
  body: '{"n":1}',
} as const;

/** Both stages show one request and its answer, and no credential. */
export function assertShown(asked: readonly Asked[]): void {
  const [started, completed] = spans(asked, 'http_request');
  assert.equal(started?.['span_id'], completed?.['span_id']);
  assert.equal(started?.['http_method'], 'POST');
  assert.equal(started?.['request_body'], SHOWN.body);
  assert.equal(started?.['http_status_code'], null);
  assert.equal(completed?.['http_status_code'], 201);
  assert.equal(completed?.['response_body'], SHOWN.body);
  const shown = ['http_url', 'request_headers', 'response_headers', 'attributes'].map((field) => [started?.[field], completed?.[field]]);
  assert.doesNotMatch(JSON.stringify(shown), /secret/);
  assert.match(JSON.stringify(shown), /"x-plain":"plain"/);
}
