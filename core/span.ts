import { errorDetails } from './error-details.ts';
import { failedWith } from './in-span.ts';
import { objectJson, toJson } from './json.ts';
import { maskHeaders, maskUrl } from './mask.ts';
import type { Attributes, Operation, OperationType, ResultOf } from './operation.ts';
import type { Span, SpanDescription, SpanOutcome } from './ports/tracer.ts';
import { cut } from './text.ts';

const MAX_STATEMENT = 2_000;
const MAX_FUNCTION_TEXT = 2_000;

type Fields = Readonly<Record<string, unknown>>;

/** How one family of operations looks in a span; every field is always there, null where unknown. Contract §3.1. */
interface Family<O extends Operation> {
  readonly kind: 'CLIENT' | 'INTERNAL';
  operation(operation: O): { readonly name: string; readonly attributes: Attributes; readonly fields: Fields };
  /** What the result adds or replaces. */
  result(result: ResultOf<O>): { readonly attributes?: Attributes; readonly fields: Fields; readonly error?: string };
}

const FAMILIES: { readonly [T in OperationType]: Family<Extract<Operation, { type: T }>> } = {
  http_request: {
    kind: 'CLIENT',
    operation: ({ method, url, peer, headers, body }) => ({
      name: method,
      attributes: { 'http.request.method': method, 'url.full': maskUrl(url), ...(peer !== undefined && serverAttributes(peer)) },
      fields: {
        http_method: method,
        http_url: maskUrl(url),
        request_headers: maskHeaders(headers),
        request_body: body,
        response_headers: null,
        response_body: null,
        http_status_code: null,
      },
    }),
    result: ({ status, headers, body }) => ({
      attributes: { 'http.response.status_code': status },
      fields: { response_headers: maskHeaders(headers), response_body: body, http_status_code: status },
      ...(status >= 400 && { error: `HTTP ${status}` }),
    }),
  },
  db_query: {
    kind: 'CLIENT',
    operation: ({ system, name, operation, statement, address, port }) => ({
      name: operation,
      attributes: {
        'db.system.name': system,
        'db.operation.name': operation,
        ...(name !== null && { 'db.namespace': name }),
        ...serverAttributes({ address, port }),
      },
      fields: {
        db_system: system,
        db_name: name,
        db_operation: operation,
        db_statement: cut(statement, MAX_STATEMENT),
        server_address: address,
        server_port: port,
        rowcount: null,
      },
    }),
    result: ({ rowCount }) => ({ fields: { rowcount: rowCount } }),
  },
  file_operation: {
    kind: 'INTERNAL',
    operation: ({ operation, path, mode, targetPath, realPath, data }) => ({
      name: `file.${operation}`,
      attributes: {
        'file.path': path,
        ...(targetPath !== undefined && { 'file.target_path': targetPath }),
        ...(realPath !== undefined && { 'file.real_path': realPath }),
      },
      fields: {
        file_path: path,
        file_mode: mode,
        file_operation: operation,
        bytes_read: null,
        bytes_written: null,
        ...(data !== undefined && { data }),
      },
    }),
    result: ({ operation, bytesRead, bytesWritten, data, linesCount, operations }) => ({
      fields: {
        ...(operation !== undefined && { file_operation: operation }),
        bytes_read: bytesRead ?? null,
        bytes_written: bytesWritten ?? null,
        ...(data !== undefined && { data }),
        ...(linesCount !== undefined && { lines_count: linesCount }),
        ...(operations !== undefined && { operations }),
      },
    }),
  },
  function_call: {
    kind: 'INTERNAL',
    operation: (operation) => ({
      name: operation.function,
      attributes: { 'code.function.name': operation.function },
      fields: {
        function: operation.function,
        module: operation.module,
        args: operation.args === undefined ? null : functionText(operation.args),
        result: null,
      },
    }),
    result: (result) => ({ fields: 'result' in result ? { result: functionText(result.result) } : {} }),
  },
};

function serverAttributes({ address, port }: { readonly address: string | null; readonly port: number | null }): Attributes {
  return { ...(address !== null && { 'server.address': address }), ...(port !== null && { 'server.port': port }) };
}

/** How long an operation took, in milliseconds. */
export interface SpanEnd<O extends Operation> {
  /** From the call to the end, with the waits for Core between. */
  readonly elapsedMs: number;
  /** The operation's own time. */
  readonly ownMs: number;
  readonly result?: ResultOf<O> | undefined;
  readonly error?: unknown;
}

/** One operation's span, and how Core is told of it, twice. The operation is read once, now: both show the same. */
export interface OperationSpan<O extends Operation> {
  readonly span: Span;
  started(): string;
  completed(end: SpanEnd<O>): string;
  /** How it ended, for those who trace. */
  outcome(end: Pick<SpanEnd<O>, 'result' | 'error'>): SpanOutcome;
}

/**
 * @param open makes the span
 * @param startedAt Unix milliseconds at the call
 */
export function operationSpan<O extends Operation>(
  operation: O,
  open: (description: SpanDescription) => Span,
  activityId: string,
  startedAt: number,
): OperationSpan<O> {
  const family = FAMILIES[operation.type] as unknown as Family<O>;
  const { kind } = family;
  const { name, attributes, fields } = family.operation(operation);
  const startTime = nanoseconds(startedAt);
  const span = open({ name, kind, attributes });

  const render = (stage: 'started' | 'completed', end: SpanEnd<O> | undefined): string => {
    const result = end?.result === undefined ? undefined : family.result(end.result);
    const error = end?.error === undefined ? (result?.error ?? null) : messageOf(end.error);
    return objectJson({
      span_id: span.spanId,
      trace_id: span.traceId,
      parent_span_id: span.parentSpanId,
      name,
      kind,
      stage,
      start_time: startTime,
      end_time: end === undefined ? null : startTime + BigInt(Math.round(end.elapsedMs * 1e6)),
      duration_ns: end === undefined ? null : Math.round(end.ownMs * 1e6),
      attributes: { ...attributes, ...result?.attributes },
      status: { code: error === null ? 'UNSET' : 'ERROR', description: error },
      events: [],
      hook_type: operation.type,
      ...fields,
      ...result?.fields,
      error,
      activity_id: activityId,
    });
  };
  return {
    span,
    started: () => render('started', undefined),
    completed: (end) => render('completed', end),
    outcome({ result, error }) {
      const shown = result === undefined ? undefined : family.result(result);
      if (error !== undefined) return failedWith(error, shown?.attributes);
      const { attributes: seen, error: problem } = shown ?? {};
      const type = String(seen?.['http.response.status_code'] ?? problem);
      return { attributes: seen, ...(problem !== undefined && { error: { type, message: problem } }) };
    },
  };
}

/** 19 digits: more than a JavaScript number holds. */
function nanoseconds(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 1_000_000n;
}

/** An error without a message is told by its type: an empty text would read as none. */
function messageOf(error: unknown): string {
  const { message, type } = errorDetails(error);
  return message === '' ? type : message;
}

function functionText(value: unknown): string {
  return cut(toJson(value), MAX_FUNCTION_TEXT, '...[truncated]');
}
