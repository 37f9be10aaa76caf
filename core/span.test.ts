import { expect, test } from 'vitest';
import type { Operation, ResultOf } from './operation.ts';
import type { Span as OpenSpan } from './ports/tracer.ts';
import { operationSpan } from './span.ts';

const IDS = { spanId: '00000000000000aa', traceId: '000000000000000000000000000000bb', parentSpanId: null };
const open = (): OpenSpan => ({ ...IDS, within: (run) => run(), end: () => {} });
const AT = Date.UTC(2026, 2, 8, 12);

type Span = Record<string, unknown>;

function spans<O extends Operation>(operation: O, result?: ResultOf<O>, error?: unknown): [Span, Span] {
  const span = operationSpan(operation, open, '2', AT);
  const completed = span.completed({ elapsedMs: 20.5, ownMs: 3.25, result, error });
  return [JSON.parse(span.started()) as Span, JSON.parse(completed) as Span];
}

const request: Operation = {
  type: 'http_request',
  method: 'POST',
  url: 'https://user:pw@example.com/a?token=t&q=1',
  headers: { 'content-type': 'text/plain', authorization: 'Bearer x' },
  body: 'hello',
};

test('times are written as 19 digits, and started repeats in completed', () => {
  const span = operationSpan(request, open, '2', AT);
  expect(span.started()).toContain('"start_time":1772971200000000000,"end_time":null,"duration_ns":null');
  expect(span.completed({ elapsedMs: 20.5, ownMs: 3.25 })).toContain(
    '"start_time":1772971200000000000,"end_time":1772971200020500000,"duration_ns":3250000',
  );
});

test('http_request: where the connection goes elsewhere, both stages say so', () => {
  const peer = { address: 'proxy.test', port: 3128 };
  for (const span of spans({ ...request, peer }, { status: 200, headers: {}, body: null })) {
    expect(span['attributes']).toMatchObject({ 'server.address': 'proxy.test', 'server.port': 3128 });
  }
  expect(spans({ ...request, peer: { address: '/run/s', port: null } })[0]['attributes']).not.toHaveProperty(['server.port']);
});

test('http_request: every field at both stages, credentials masked (fault: method-is-no-text, credentials-sent)', () => {
  const [started, completed] = spans(request, { status: 201, headers: { 'set-cookie': 's', server: 'x' }, body: '' });
  expect(started).toMatchObject({
    span_id: IDS.spanId,
    trace_id: IDS.traceId,
    parent_span_id: null,
    name: 'POST',
    kind: 'CLIENT',
    stage: 'started',
    status: { code: 'UNSET', description: null },
    events: [],
    hook_type: 'http_request',
    activity_id: '2',
    error: null,
    http_method: 'POST',
    request_headers: { 'content-type': 'text/plain', authorization: '[REDACTED]' },
    request_body: 'hello',
    response_headers: null,
    response_body: null,
    http_status_code: null,
  });
  expect(started['http_url']).not.toMatch(/pw|=t&/);
  expect(completed).toMatchObject({
    stage: 'completed',
    response_headers: { 'set-cookie': '[REDACTED]', server: 'x' },
    response_body: '',
    http_status_code: 201,
    attributes: { 'http.request.method': 'POST', 'http.response.status_code': 201 },
  });
  expect(Object.keys(started).sort()).toEqual(Object.keys(completed).sort());
});

test('a status of 400 or more is an error, and so is a connection that failed', () => {
  const [, missing] = spans(request, { status: 404, headers: {}, body: null });
  expect(missing).toMatchObject({ error: 'HTTP 404', status: { code: 'ERROR', description: 'HTTP 404' } });
  const [, failed] = spans(request, undefined, new TypeError('fetch failed'));
  expect(failed).toMatchObject({ error: 'fetch failed', http_status_code: null, response_body: null });
});

test('file_operation: nulls stay, optional fields only where known', () => {
  const open: Operation = { type: 'file_operation', operation: 'open', path: '/a', mode: 'r', realPath: '/b' };
  const [started, closed] = spans(open, { operation: 'close', bytesRead: 3, bytesWritten: 0, operations: ['read'] });
  expect(started).toMatchObject({ kind: 'INTERNAL', file_operation: 'open', file_mode: 'r', bytes_read: null, bytes_written: null });
  expect(started).not.toHaveProperty('data');
  expect(started['attributes']).toEqual({ 'file.path': '/a', 'file.real_path': '/b' });
  expect(closed).toMatchObject({ file_operation: 'close', bytes_read: 3, bytes_written: 0, operations: ['read'] });
});

test('function_call: JSON text, cut, the same args at both stages', () => {
  const args: unknown[] = [{ n: 1n }];
  const call = operationSpan({ type: 'function_call', function: 'f', module: 'm', args }, open, '2', AT);
  args[0] = 'changed meanwhile';
  const started = JSON.parse(call.started()) as Span;
  const completed = JSON.parse(call.completed({ elapsedMs: 1, ownMs: 1, result: { result: 'x'.repeat(3000) } })) as Span;
  expect(started).toMatchObject({ function: 'f', module: 'm', args: '[{"n":1}]', result: null });
  expect(completed['args']).toBe('[{"n":1}]');
  expect(completed['result']).toMatch(/^"x+\.\.\.\[truncated\]$/);
  const [hidden, done] = spans({ type: 'function_call', function: 'f', module: null }, {});
  expect([hidden['args'], done['result']]).toEqual([null, null]);
});

test('db_query', () => {
  const query: Operation = {
    type: 'db_query',
    system: 'postgresql',
    name: 'shop',
    operation: 'SELECT',
    statement: `SELECT ${'x'.repeat(3000)}`,
    address: 'localhost',
    port: 5432,
  };
  const [started, completed] = spans(query, { rowCount: 2 });
  expect(started).toMatchObject({ kind: 'CLIENT', db_system: 'postgresql', db_name: 'shop', rowcount: null, server_port: 5432 });
  expect(String(started['db_statement']).length).toBe(2000);
  expect(completed).toMatchObject({ rowcount: 2 });
});

test('an error without a message is told by its type', () => {
  expect(spans(request, undefined, new RangeError())[1]['error']).toBe('RangeError');
});

test('a hostile error never hides the span', () => {
  const hostile = Object.create(null) as unknown;
  expect(spans(request, undefined, hostile)[1]['status']).toEqual({ code: 'ERROR', description: '[Unreadable error]' });
});
