import { describe, expect, it } from 'vitest';
import type { JsonObject } from './kinds.ts';
import { checkRequest } from './request.ts';
import { evaluation, hookOf, SPAN_SAMPLES, without } from './test-support.ts';

const { http_request: http, db_query: db, file_operation: file, function_call: call } = SPAN_SAMPLES;
const SAMPLES = Object.entries(SPAN_SAMPLES).flatMap(([family, stages]) =>
  Object.entries(stages).map(([stage, span]) => [family, stage, span] as const),
);
/** These appear only where they apply. */
const OPTIONAL = new Set(['data', 'lines_count', 'operations']);
const FAILED = { code: 'ERROR', description: 'x' };

const violationsOf = (span: JsonObject): readonly object[] => checkRequest(evaluation(hookOf(span)));

describe('a valid span', () => {
  it.each(SAMPLES)('%s, %s', (_family, _stage, span) => {
    expect(violationsOf(span)).toEqual([]);
  });

  it.each(SAMPLES)('%s, %s needs each of its fields', (_family, _stage, span) => {
    for (const field of Object.keys(span).filter((name) => !OPTIONAL.has(name))) {
      const missing = { field: `spans[0].${field}`, problem: expect.stringMatching(/^Missing/) };
      expect(violationsOf(without(span, field)), field).toContainEqual(missing);
    }
  });

  it.each<[string, JsonObject]>([
    ['a failed request', { ...http.completed, http_status_code: null, error: 'refused', status: FAILED }],
    ['a status of 400 or more', { ...http.completed, http_status_code: 404, error: 'HTTP 404', status: FAILED }],
    ['a method in lower case', { ...http.started, http_method: 'post' }],
    ['a WebSocket', { ...http.started, http_url: 'wss://a.example/' }],
    ['a command of Redis', { ...db.started, db_system: 'redis', db_operation: 'GET', db_statement: 'GET k' }],
    ['a database without an address', { ...db.started, db_name: null, server_address: null, server_port: null }],
    ['a close with its operations', { ...file.completed, file_operation: 'close', operations: ['read'], lines_count: 2 }],
    ['a write that knows its length', { ...file.started, file_operation: 'write', bytes_written: 7 }],
    ['arguments that were cut', { ...call.started, args: `["${'x'.repeat(1998)}...[truncated]` }],
    ['a call without capture', { ...call.started, args: null, module: 'node:net' }],
    ['a parent', { ...call.started, parent_span_id: '00f067aa0ba902b7' }],
    ['an attribute that is a list', { ...call.started, attributes: { 'process.command_args': ['ls', '-l'] } }],
  ])('%s', (_, span) => {
    expect(violationsOf(span)).toEqual([]);
  });
});

describe('a violation', () => {
  it.each<[string, JsonObject, string]>([
    ['a short span id', { ...http.started, span_id: 'abc' }, 'span_id'],
    ['a trace id in upper case', { ...http.started, trace_id: 'A'.repeat(32) }, 'trace_id'],
    ['a parent that is empty', { ...http.started, parent_span_id: '' }, 'parent_span_id'],
    ['a time in milliseconds', { ...http.started, start_time: 1772971200000 }, 'start_time'],
    ['a time that is text', { ...http.started, start_time: '1772971200000000001' }, 'start_time'],
    ['an end at the start', { ...http.started, end_time: 1772971200000000002n }, 'end_time'],
    ['a duration at the start', { ...http.started, duration_ns: 0 }, 'duration_ns'],
    ['an error at the start', { ...http.started, error: 'x' }, 'error'],
    ['no end at the end', { ...http.completed, end_time: null }, 'end_time'],
    ['an end before the start', { ...http.completed, end_time: 1772971200000000000n }, 'end_time'],
    ['a duration with a fraction', { ...http.completed, duration_ns: 1.5 }, 'duration_ns'],
    ['an unknown status code', { ...http.completed, status: { code: 'OK', description: null } }, 'status.code'],
    ['an error with status UNSET', { ...db.completed, error: 'x' }, 'status.code'],
    ['status ERROR without an error', { ...db.completed, status: FAILED }, 'status.code'],
    ['events', { ...db.completed, events: [{}] }, 'events'],
    ['another kind', { ...http.started, kind: 'INTERNAL' }, 'kind'],
    ['a response at the start', { ...http.started, http_status_code: 200 }, 'http_status_code'],
    ['a status of 400 or more without its error', { ...http.completed, http_status_code: 404 }, 'error'],
    ['a status that is none', { ...http.completed, http_status_code: 42 }, 'http_status_code'],
    ['a method as Python writes it', { ...http.started, http_method: "b'GET'" }, 'http_method'],
    ['a relative URL', { ...http.started, http_url: '/orders' }, 'http_url'],
    ['a body that is no text', { ...http.started, request_body: {} }, 'request_body'],
    ['a statement that was not cut', { ...db.started, db_statement: 'x'.repeat(2001) }, 'db_statement'],
    ['a verb that is none', { ...db.started, db_operation: 'select' }, 'db_operation'],
    ['rows at the start', { ...db.started, rowcount: 1 }, 'rowcount'],
    ['rows below 0', { ...db.completed, rowcount: -1 }, 'rowcount'],
    ['a port that is text', { ...db.started, server_port: '5432' }, 'server_port'],
    ['a relative path', { ...file.started, file_path: 'orders.csv' }, 'file_path'],
    ['a path not normalised', { ...file.started, file_path: '/srv/../orders.csv' }, 'file_path'],
    ['bytes read at the start', { ...file.started, bytes_read: 0 }, 'bytes_read'],
    ['operations before the close', { ...file.completed, operations: ['read'] }, 'operations'],
    ['data that is null', { ...file.completed, data: null }, 'data'],
    ['arguments that are no text', { ...call.started, args: [1] }, 'args'],
    ['arguments that are no array', { ...call.started, args: '{}' }, 'args'],
    ['arguments that are no JSON', { ...call.started, args: '[1' }, 'args'],
    ['arguments that were not cut', { ...call.started, args: `["${'x'.repeat(3000)}"]` }, 'args'],
    ['a result at the start', { ...call.started, result: '1' }, 'result'],
    ['a field of another family', { ...call.started, http_url: 'https://a.example/' }, 'http_url'],
    ['a nested object', { ...call.started, openbox: {} }, 'openbox'],
    ['a semantic type', { ...call.started, semantic_type: 'x' }, 'semantic_type'],
    ['an attribute of ours', { ...call.started, attributes: { 'openbox.stage': 'started' } }, 'attributes.openbox.stage'],
    ['an attribute of the old conventions', { ...http.started, attributes: { 'http.method': 'GET' } }, 'attributes.http.method'],
    ['an attribute that is an object', { ...http.started, attributes: { x: {} } }, 'attributes.x'],
  ])('%s', (_, span, field) => {
    expect(violationsOf(span)).toMatchObject([{ field: `spans[0].${field}` }]);
  });

  it.each([
    ['stage', 'running', 'one of "started", "completed"'],
    ['hook_type', 'mail', 'one of "http_request", "db_query", "file_operation", "function_call"'],
  ])('an unknown %s', (name, value, known) => {
    expect(violationsOf({ ...http.started, [name]: value })).toContainEqual({
      field: `spans[0].${name}`,
      problem: `Expected ${known}, got "${value}"`,
    });
  });

  it.each<[string, JsonObject, string]>([
    ['a header', { ...http.started, request_headers: { 'X-Api-Key': 'hunter2' } }, 'request_headers.X-Api-Key'],
    ['a header of the answer', { ...http.completed, response_headers: { 'set-cookie': 'hunter2' } }, 'response_headers.set-cookie'],
    ['a query', { ...http.started, http_url: 'https://a.example/?token=hunter2' }, 'http_url'],
    ['userinfo', { ...http.started, http_url: 'https://a:hunter2@a.example/' }, 'http_url'],
  ])('a credential in %s, which the message does not show', (_, span, field) => {
    const violations = violationsOf(span);
    expect(violations).toMatchObject([{ field: `spans[0].${field}` }]);
    expect(JSON.stringify(violations)).not.toContain('hunter2');
  });
});
