import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../contract/kinds.ts';
import { added, addedText, becomes, dropped, elsewhere, type Holds, like, notBy, onlyBy, pairs, type Row, row } from './row.ts';

const field = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((one, name) => (isObject(one) ? one[name] : undefined), value);
const json = (text: unknown): unknown => JSON.parse(String(text)) as unknown;

const ID = 'openbox-temporal-typescript-v<version>';
const CLASSES = [
  ['ActivityError', 'ActivityFailure'],
  ['ApplicationError', 'ApplicationFailure'],
  ['ApplicationError', 'TemporalFailure'],
  ['WorkflowFailureError', 'WorkflowFailedError'],
  ['TerminatedError', 'TerminatedFailure'],
  ['CancelledError', 'CancelledFailure'],
  // A cancelled workflow fails with the cancellation itself.
  ['ActivityError', 'CancelledFailure'],
] as const;
const classNames = pairs(...CLASSES);
const LINES = [['readline', 'read'], ['readlines', 'read'], ['writelines', 'write']] as const;

/** Python's positional arguments and keywords, one after the other. */
function positional(value: unknown): unknown {
  const { args, kwargs } = value as { readonly args: readonly unknown[]; readonly kwargs: object };
  return [...args, ...(Object.values(kwargs) as unknown[])];
}

const BLOCKED = 'Governance blocked: not allowed here';
const REQUIRED = 'Approval required: a human must look';
const MISFIT = 'OpenBox Core answered what this SDK cannot follow: redaction does not fit: output.x is Object, its redaction string';
const PAID = { order_id: 7, ok: true, paid: 12.5, seen: 'Order card=4111 1111 1111 1111 city=Kraków note=None' };
const GRANTED = { status: 200, json: { verdict: 'allow', id: 'ap-1' } };
const QUESTION = { reason: 'a human must look', policy_id: 'pol-a', approval_id: 'ap-1', approval_expiration_time: '2099-01-01T00:00:00Z' };

/** A workflow that completed and now fails so. */
const endsAs = (type: string, message: string): Holds => (python, ours) =>
  pairs(['completed', 'failed'], ['COMPLETED', 'FAILED'])(python, ours) ||
  (Array.isArray(python) && ours === undefined) ||
  (python === undefined && like(Array.isArray(ours) ? ours.at(-1) : undefined, { class: 'ApplicationFailure', type, message, non_retryable: true }));

/** What Python tells nothing of, or not under its name. */
const CALLS = [
  ['GET', '/json', null, 200, '{"ok": true, "items": [1, 2.5, null]}'] as const,
  ['POST', '/echo', '{"a": 1}', 201, '{"a": 1}'] as const,
].map(([method, path, sent, status, got]) => {
  const started = { hook_type: 'http_request', http_method: method, http_url: `http://127.0.0.1:<port>${path}`, request_body: sent };
  return { step: `${method} ${path}`, started, completed: { ...started, http_status_code: status, response_body: got, status: { code: 'UNSET' } } };
});
const SENT_HEAD = '§9: shown is the head as it is sent; the recorded client adds this one later';
const NOWHERE = 'relation "nowhere" does not exist';
const PLACEHOLDERS = 'No difference of the SDKs: placeholders of `pg`, which takes a list of rows in one statement';
const insert = (rows: string): string => `INSERT INTO items (name) VALUES ${rows}`;

const cut = (start: string): string => `${start.padEnd(2000, 'y')}...[truncated]`;

/**
 * Every difference that is meant; where two rows fit, the first speaks. The test of the vectors fails at any other difference, and at
 * a row that nothing matches. Sections are those of the contract.
 */
export const DIFFERENCES: readonly Row[] = [
  // The start, and what every request has.
  row('*', '*: headers.user-agent', becomes('OpenBox-SDK/1.1.0', `OpenBox-SDK/${ID}`), '§1: the id names engine and language, as Python does from 2.0 on'),
  row('*', '*: headers.x-openbox-sdk-version', becomes('1.1.0', ID), '§1: the id names engine and language, as Python does from 2.0 on'),
  row('*', 'validate: headers.content-type', dropped, '§1: Content-Type stands where there is a body'),
  row('*', 'outcome: api_key_found_in_history', becomes(true, false), '§1: the key never appears in a Temporal payload'),

  // Workflow events.
  row('*', 'WorkflowStarted: activity_input', (python, ours) => python === undefined && Array.isArray(ours), '§2: the arguments of the workflow are told, as Python does from 2.0 on'),
  row('*', '*: error.*type', classNames, '§2: the type is the name of the class, and TypeScript has other classes'),
  row('*', '*: error.*message', (python, ours) => String(python).endsWith(`: ${String(ours)}`), '§2: the message is the error\'s own; its application type stands in `error_type`, Python puts it before the message'),
  row('02_activity_fails', 'WorkflowFailed: error.root_cause.error_type', becomes('ValueError', undefined), 'Temporal\'s TypeScript SDK sends an error inside an ApplicationFailure without a type'),
  row('02_workflow_task_fails', 'WorkflowStarted', dropped, '§2: an error that fails only a workflow task sends nothing; the same task would have sent the start'),
  row('02_workflow_task_fails', 'WorkflowFailed', dropped, '§2: an error that fails only a workflow task sends nothing, for the workflow lives'),
  row('12_child_workflow', 'WorkflowStarted: parent_*', (python, ours) => python === undefined && /^<(?:workflow|run) 1>$/.test(String(ours)), '§2: a child tells its parent'),
  row('12_continue_as_new', 'WorkflowCompleted', added({ workflow_output: null }), '§2: a run that continues as new is completed, without an output'),
  row('12_cancellation', 'WorkflowFailed: error.message', becomes('Activity cancelled', ''), '§2: the error is the cancellation itself, and has no message in TypeScript'),
  row('12_cancellation', 'WorkflowFailed: error.cause', dropped, '§2: the error is the cancellation itself, not the activity that it ended'),
  row('12_cancellation', 'ActivityCompleted: status', becomes('completed', 'failed'), '§2: a cancelled activity has failed'),
  row('12_cancellation', 'ActivityCompleted: error', (python, ours) => python === null && like(ours, { type: 'CancelledFailure' }), '§2: a cancelled activity has failed, by CancelledFailure'),
  row('10_update_and_query', 'SignalReceived rename', added({ signal_args: ['x'], answered: { status: 200 } }), '§9: updates change a workflow as signals do, and are asked about'),

  // HTTP.
  row('*', 'http *: span.http_method', (python, ours) => python === `b'${String(ours)}'`, '§3.1: a method is text, not the text of bytes'),
  row('*', 'http *: span.attributes.http.request.method', (python, ours) => python === undefined && (ours === 'GET' || ours === 'POST'), '§3.1: attributes by the stable conventions'),
  row('*', 'http *: span.attributes.url.full', (python, ours) => python === undefined && String(ours).startsWith('http://127.0.0.1:'), '§3.1: attributes by the stable conventions'),
  row('*', 'http completed *: span.attributes.http.response.status_code', (python, ours) => python === undefined && Number.isInteger(ours), '§3.1: attributes by the stable conventions'),
  ...['http.method', 'http.url', 'http.status_code', 'user_agent.original'].map((name) =>
    row('*', `http *: span.attributes.${name}`, dropped, '§3.1: attributes by the stable conventions')),
  ...['host', 'accept', 'accept-encoding', 'connection', 'user-agent', 'content-length', 'traceparent'].map((name) =>
    notBy('node:http', row('*', `http *: span.request_headers.${name}`, dropped, '§9: shown is what the caller gave, as it was read at the call; the client under `fetch` adds this one later'))),
  ...['accept', 'accept-encoding', 'user-agent', 'traceparent'].map((name) =>
    onlyBy('node:http', row('*', `http *: span.request_headers.${name}`, dropped, 'Headers of the recorded client; `node:http` sends no such header of its own'))),
  ...(['requests', 'urllib3'] as const).map((client) =>
    onlyBy('node:http', row(`03_http_${client}`, 'http *: span.request_headers.host', becomes(undefined, '<host>'), SENT_HEAD))),
  onlyBy('node:http', row('03_http_urllib3', 'http started POST /echo: span.request_headers.connection', becomes(undefined, 'keep-alive'), SENT_HEAD)),
  onlyBy('node:http', row('03_http_urllib3', 'http started POST /echo: span.request_headers.content-length', becomes(undefined, '8'), SENT_HEAD)),
  ...['authorization', 'x-api-key'].map((name) =>
    row('*', `http *: span.request_headers.${name}`, (python, ours) => typeof python === 'string' && ours === '[REDACTED]', '§3.1: values of credential headers are redacted')),
  row('03_http_httpx_sync', 'http *: span.request_headers.cookie', pairs(['sid=abc', '[REDACTED]'], ['session=s3cr3t', undefined]), '§3.1: values of credential headers are redacted; neither `fetch` nor `node:http` keeps cookies of its own'),
  row('03_http_httpx_sync', 'http completed GET /cookie: span.response_headers.set-cookie', becomes('session=s3cr3t; HttpOnly', '[REDACTED]'), '§3.1: values of credential headers are redacted'),
  row('*', 'http completed *: span.response_headers.server', becomes('target/1 ', 'target/1'), 'A header\'s value ends with its last letter; the recorded client kept the blank'),
  row('*', 'http started POST /echo: span.request_body', (python, ours) => python === null && typeof ours === 'string', '§3.1: the body is there at `started`, or no policy could look at it'),
  row('03_http_httpx_async', 'http completed POST /echo: span.request_body', becomes('\u0000\u0001', null), '§3.1: bodies are told where they are text'),
  row('03_http_httpx_async', 'http completed GET /problem: span.response_body', becomes(null, '{"title": "broken"}'), '§3.1: `+json` is text'),
  row('03_http_httpx_sync', 'http completed GET /empty: span.response_body', becomes('', null), '§3.1: a 204 has no body at all, which is null'),
  row('03_http_httpx_async', 'http completed GET /redirect: span.*', pairs([200, 302], ['11', '0'], ['text/plain; charset=utf-8', undefined], [undefined, '/hello'], ['<span of http started GET /hello>', '<span of http started GET /redirect>']), '§3.1: each hop of a redirect is an operation of its own, with its own answer and span'),
  notBy('node:http', row('03_http_httpx_async', 'http completed GET /redirect: span.response_body', becomes('grüß dich', null), '§3.1: each hop of a redirect is an operation of its own, and `fetch` follows without reading its body')),
  onlyBy('node:http', row('03_http_httpx_async', 'http completed GET /redirect: span.response_body', becomes('grüß dich', ''), '§3.1: each hop of a redirect is an operation of its own; its body is empty')),
  row('03_http_httpx_async', 'http started GET /hello', elsewhere({ span: { http_method: 'GET', http_url: 'http://127.0.0.1:<port>/hello', request_body: null } }), '§3.1: each hop of a redirect is an operation of its own; the second begins when the first is told'),
  row('03_http_httpx_async', 'http completed GET /hello', added({ span: { http_status_code: 200, response_body: 'grüß dich', span_id: '<span of http started GET /hello>' } }), '§3.1: each hop of a redirect is an operation of its own'),
  row('03_http_big_body', 'http completed GET /big: span.response_body', (python, ours) => String(python).startsWith('xxxxxxxx…') && ours === 'x'.repeat(65_536), '§3.1: bodies are cut at `maxBodySize`'),
  row('03_http_stream_and_errors', 'http completed GET /sse: span.response_body', becomes(null, 'data: 0\n\ndata: 1\n\ndata: 2\n\n'), '§3.1: an event stream is text, and told at its end'),
  row('03_http_stream_and_errors', 'http completed GET /x', (python, ours) => added({ span: { http_status_code: null, status: { code: 'ERROR' } } })(python, ours) && typeof field(ours, 'span', 'error') === 'string', '§3.1: a connection error is told'),
  ...CALLS.flatMap(({ step, started, completed }) => [
    row('03_http_urllib', `http started ${step}`, added({ span: started }), '§3: every request is asked about; Python\'s urllib goes unseen'),
    row('03_http_urllib', `http completed ${step}`, added({ span: completed }), '§3: every request is asked about; Python\'s urllib goes unseen'),
    row('03_http_urllib3', `http completed ${step}`, added({ span: completed }), '§3.1: method and URL at `completed` are those of `started`, not UNKNOWN and the root'),
  ]),
  row('03_http_urllib3', 'http completed UNKNOWN /', dropped, '§3.1: method and URL at `completed` are those of `started`, not UNKNOWN and the root'),
  row('03_http_urllib3', 'http started *: span.http_url', (python, ours) => python === `http://127.0.0.1:<port>${String(ours)}`, '§3.1: the URL as it is, not doubled'),
  notBy('node:http', row('03_http_urllib3', 'http started GET /json: span.request_headers', becomes(null, {}), '§3.1: headers are told')),
  onlyBy('node:http', row('03_http_urllib3', 'http started GET /json: span.request_headers', becomes(null, { host: '<host>', connection: 'keep-alive' }), '§3.1: headers are told')),
  row('03_http_stream_and_errors', '*.*', (python, ours) => Array.isArray(python) && python[0] === ours, 'No difference of the SDKs: the counterpart does not take the time of each chunk'),
  notBy('node:http', row('03_http_stream_and_errors', '*', becomes('ConnectError', 'TypeError'), 'The name that `fetch` gives to a refused connection')),
  onlyBy('node:http', row('03_http_stream_and_errors', '*', becomes('ConnectError', 'Error'), 'The name that `node:http` gives to a refused connection')),

  // Files.
  row('*', 'file *: span.bytes_*', becomes(undefined, null), '§3.1: fields of a family are always there'),
  row('04_file_text', 'file completed *: span.bytes_*', pairs([16, 18], [6, 8]), '§3.1: bytes are counted, not characters'),
  row('04_*', 'file *: span.attributes.file.*', dropped, '§3.1: nothing of ours goes into attributes'),
  row('04_*', 'file started write *: span.data', addedText, '§9: what is about to be written is shown before'),
  row('04_file_text', 'file completed *: span.data', (python, ours) => Array.isArray(python) && python.join('') === ours, '§3.1: content is text'),
  row('04_file_binary', 'file completed *: span.data', pairs(["b'\\x00\\x01\\xff\\xfe'", undefined], ["b'\\xff\\xfe'", undefined], ["b'\\x00\\x01'", '\u0000\u0001']), '§3.1: content is text; bytes that are none are not told'),
  row('04_*', 'file completed *: span.duration_ns', becomes(null, '<nanoseconds>'), '§3.1: every completed operation has a duration'),
  row('04_file_binary', 'file *: span.file_mode', pairs(['rb', 'r'], ['wb', 'w']), 'Node\'s flags know no binary files'),
  row('04_file_text', 'file *: span.*', pairs(...LINES.flatMap(([line, whole]) => [[line, whole], [`file.${line}`, `file.${whole}`]] as const)), '§3.1: a handle\'s `read` and `writev` go by `read` and `write`; Node has no call for a line'),
  row('04_file_text', 'file completed *: span.lines_count', becomes(2, undefined), '§3.1: `lines_count` stands where lines are counted; Node has no call for a line'),
  row('04_file_other', 'file * open c.txt', dropped, '§3.1: `readFile` and `writeFile` do it all at once, and are asked about once'),
  row('04_file_other', 'file completed close c.txt', dropped, '§3.1: `readFile` and `writeFile` do it all at once; a handle that is closed again is told no more'),
  row('04_file_other', 'file * read c.txt', added({ span: { file_operation: 'read', file_mode: 'r' } }), '§3.1: reading line by line is reading'),
  row('04_file_other', 'file completed close c.txt: span.*', pairs([0, 19], [undefined, 'read']), '§3.1: reading line by line is reading'),
  row('04_file_other', 'file completed open does-not-exist.txt', added({ span: { status: { code: 'ERROR' } } }), '§3.1: a failing open is told'),
  row('04_file_other', '*', becomes('FileNotFoundError', 'ENOENT'), 'The name that Node gives to a missing file'),

  // Functions.
  row('*', 'function *: span.attributes.code.function.name', (python, ours) => python === undefined && typeof ours === 'string', '§3.1: attributes by the stable conventions'),
  row('05_traced_sync', 'function *: span.function', becomes('secret', 'custom-name'), 'The name given to `traced` is the function\'s name here, for a bundler changes the other; Python tells both'),
  row('05_traced_sync', 'function started with_obj: span.args', (python, ours) => String(python).includes('<Obj>') && ours === '[{},{"k":{"d":"2026-01-02"}}]', '§3.1: arguments are JSON text; an object shows its fields, not its text'),
  row('05_traced_sync', 'function completed with_obj: span.result', becomes('<Obj>', '{}'), '§3.1: the result is JSON text; an object shows its fields, not its text'),
  row('05_traced_sync', 'function * long_one: span.*', pairs([cut('{"args": ["'), cut('["')], [null, cut('["')], [cut(''), cut('"')]), '§3.1: JSON text, cut at 2,000 characters'),
  row('05_*', 'function started *: span.args', (python, ours) => isDeepStrictEqual(positional(json(python)), json(ours)), '§3.1: `args` is the array of arguments'),
  row('05_*', 'function completed *: span.args', (python, ours) => python === null && Array.isArray(json(ours)), '§3.1: arguments are told at both stages'),
  row('05_*', 'function completed *: span.result', (python, ours) => isDeepStrictEqual(json(python), json(ours)), '§3.1: JSON text, and no blanks in it (§2)'),
  row('05_*', 'function completed *: span.duration_ns', becomes(null, '<nanoseconds>'), '§3.1: every completed operation has a duration, one that failed too'),

  // Databases.
  ...Object.entries({ 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'server.address': '127.0.0.1', 'server.port': '<port>' }).map(([name, value]) =>
    row('06_db_*', `db *: span.attributes.${name}`, becomes(undefined, value), '§3.1: attributes by the stable conventions')),
  ...['CREATE', 'INSERT', 'SELECT', 'UPDATE', 'BEGIN', 'COMMIT'].map((verb) =>
    row('06_db_*', `db * ${verb}: span.attributes.db.operation.name`, becomes(undefined, verb), '§3.1: attributes by the stable conventions')),
  ...['CREATE', 'INSERT', 'SELECT', 'BEGIN', 'COMMIT'].map((verb) =>
    row('06_db_asyncpg', `db * ${verb}: span.name`, becomes('activity.db_asyncpg', verb), 'The name of a query\'s span is its verb')),
  ...['INSERT', 'SELECT', 'BEGIN', 'COMMIT'].map((verb) =>
    row('06_db_asyncpg', `db * ${verb}: span.span_id`, becomes('<span of db started CREATE>', `<span of db started ${verb}>`), '§3.1: every query has a span of its own')),
  row('06_db_asyncpg', 'db *: span.parent_span_id', becomes(null, '<a span of no step>'), '§3.1: the parent of an operation is its activity'),
  row('06_db_asyncpg', 'db completed INSERT: span.rowcount', pairs([null, 1], [null, 2]), '§3.1: the driver tells how many rows there are, and so does the span'),
  row('06_db_asyncpg', 'db completed SELECT: span.rowcount', pairs([null, 3], [null, 1]), '§3.1: the driver tells how many rows there are, and so does the span'),
  row('06_db_psycopg2', 'db * SELECT: span.name', becomes('select', 'SELECT'), 'The name of a query\'s span is its verb'),
  row('06_db_psycopg2', 'db * UPDATE: span.db_operation', becomes('UNKNOWN', 'UPDATE'), '§3.1: comments before the verb are looked through'),
  row('06_db_psycopg2', 'db completed SELECT: span.*', becomes(`${NOWHERE}\nLINE 1: SELECT * FROM nowhere\n                      ^\n`, NOWHERE), 'The message that `pg` gives; psycopg2 draws the place under it'),
  row('06_db_*', 'db * INSERT: span.db_statement', pairs([insert('(%s)'), insert('($1)')], [insert('(%s)'), insert('($1), ($2)')], [insert('($1)'), insert('($1), ($2)')]), PLACEHOLDERS),
  row('06_db_psycopg2', 'db * SELECT: span.db_statement', becomes('SELECT id, name FROM items WHERE name = %(n)s', 'SELECT id, name FROM items WHERE name = $1'), PLACEHOLDERS),
  row('06_db_*', '*', pairs(['UndefinedTableError', '42P01'], ['UndefinedTable', '42P01']), 'What `pg` gives to tell errors apart is PostgreSQL\'s own code'),

  // How things end for the client.
  row('*', 'end of workflow *: failure.*.class', classNames, 'TypeScript\'s classes have other names'),
  row('02_*', 'end of workflow *: failure.*.type', (python, ours) => typeof python === 'string' && ours === undefined, 'Temporal\'s TypeScript SDK sends an error inside an ApplicationFailure without a type'),
  row('02_*', 'end of workflow *: failure.*.non_retryable', becomes(false, undefined), 'Temporal\'s TypeScript SDK sends an error inside an ApplicationFailure without a type'),
  row('02_activity_fails_retried', '*', becomes('caught ActivityError: Activity task failed <- ApplicationError[RuntimeError]: plain runtime error', 'caught ActivityFailure: Activity task failed <- ApplicationFailure[RuntimeError]: plain runtime error'), 'TypeScript\'s classes have other names'),
  row('01_odd_values', '*', pairs([9007199254740993n, 9007199254740992n], [9007199254740993n, 2 ** 53]), 'Temporal\'s JSON converter takes no BigInt, and a number holds no more'),
  row('12_cancellation', 'end of workflow 1: *', pairs(['CANCELED', 'CANCELLED'], ['Workflow execution failed', 'Workflow execution cancelled'], ['Workflow cancelled', 'Workflow canceled']), 'Words of Temporal\'s TypeScript SDK'),

  // The patches in the histories: the same ids, of the ends that ours came to.
  row('02_workflow_task_fails', 'end of workflow 1: patches.*', dropped, '§7: what a failed workflow task did is in no history, patches neither'),
  row('12_continue_as_new', 'end of workflow 1: patches.1', becomes(undefined, 'openbox-v2-complete'), '§2: a run that continues as new is completed, by the patch of that event'),
  ...['07_swallowed_block', '08_approval_disabled', '09_redact_output'].map((scenario) =>
    row(scenario, 'end of workflow 1: patches.1', becomes('openbox-v2-complete', 'openbox-v2-failed'), '§7: the patch of the end that it came to')),
  ...['08_approval_granted_policy_repeats', '08_approval_one_attempt'].map((scenario) =>
    row(scenario, 'end of workflow 1: patches.1', becomes('openbox-v2-failed', 'openbox-v2-complete'), '§7: the patch of the end that it came to')),

  // Verdicts.
  row('07_block_*', 'WorkflowFailed: error.root_cause', dropped, '§7: the failure is the verdict itself; there is no error of Python\'s beneath it'),
  row('07_block_*', 'end of workflow 1: failure.3', dropped, '§7: the failure is the verdict itself; there is no error of Python\'s beneath it'),
  row('07_block_*', '*essage', (_, ours) => ours === BLOCKED, '§7: messages begin with what happened, wherever it was stopped'),
  row('07_block_turns_into_approval', '*type', becomes('ApprovalPending', 'GovernanceBlock'), '§9: the first stop counts: a BLOCK stays a BLOCK'),
  row('07_block_turns_into_approval', '*non_retryable', becomes(false, true), '§9: the first stop counts: a BLOCK stays a BLOCK'),
  ...['approval', 'ActivityStarted', 'http started GET /hello'].map((step) =>
    row('07_block_turns_into_approval', step, dropped, '§9: the first stop counts: a BLOCK stays a BLOCK, is not asked about and does not run again')),
  ...['07_block_*', '07_swallowed_block'].map((scenarios) =>
    row(scenarios, 'ActivityCompleted', added({ status: 'failed', activity_output: null, error: { type: 'GovernanceBlockedError', message: BLOCKED } }), '§2: a failed activity tells its end, also one that a verdict failed')),
  row('07_swallowed_block', 'WorkflowCompleted', dropped, '§9: after a stop the activity fails, even if its code swallowed it'),
  row('07_swallowed_block', 'WorkflowFailed', added({ error: { cause: { error_type: 'GovernanceBlock', message: BLOCKED } } }), '§9: after a stop the activity fails, even if its code swallowed it'),
  row('07_swallowed_block', 'end of workflow 1: *', endsAs('GovernanceBlock', BLOCKED), '§9: after a stop the activity fails, even if its code swallowed it'),
  row('07_*', 'end of workflow 1: failure.*.message', (_, ours) => ours === 'Governance HALT: stop everything' || ours === 'Governance HALT: v1 stop', '§7: the termination gives its reason'),

  row('01_skip_options', 'end of workflow 1: patches.*', pairs(['openbox-v2-complete', 'openbox-v2-approvals'], [undefined, 'openbox-v2-complete']), 'A run that is not told of from its start records whether it waits for approvals itself: histories without us replay so'),

  // Approvals.
  row('08_approval_disabled', 'WorkflowCompleted', dropped, 'Where nobody can be asked, REQUIRE_APPROVAL is refused (option `hitlEnabled`); Python lets it pass'),
  row('08_approval_disabled', 'ActivityCompleted', dropped, '§2: an activity stopped at its start tells no end'),
  row('08_approval_disabled', 'WorkflowFailed', added({ error: { cause: { error_type: 'GovernanceBlock', message: REQUIRED } } }), 'Where nobody can be asked, REQUIRE_APPROVAL is refused (option `hitlEnabled`); Python lets it pass'),
  row('08_approval_disabled', 'end of workflow 1: *', endsAs('GovernanceBlock', REQUIRED), 'Where nobody can be asked, REQUIRE_APPROVAL is refused (option `hitlEnabled`); Python lets it pass'),
  row('08_approval_expired', '*essage', (_, ours) => ours === 'Approval expired for activity "process_order": nobody decided in time', '§7: the message says what happened; ids stand in the history'),
  ...['08_approval_granted_policy_repeats', '08_approval_one_attempt'].flatMap((scenario) => [
    row(scenario, 'WorkflowFailed', dropped, '§6: a grant is good for its step, whatever the policy repeats and however few attempts there are'),
    row(scenario, 'WorkflowCompleted', added({ workflow_output: [PAID] }), '§6: a grant is good for its step, whatever the policy repeats and however few attempts there are'),
    row(scenario, 'ActivityCompleted', added({ status: 'completed', activity_output: PAID }), '§6: a grant is good for its step, whatever the policy repeats and however few attempts there are'),
    row(scenario, 'end of workflow 1: *', pairs(['failed', 'completed'], ['FAILED', 'COMPLETED'], [undefined, [PAID]]), '§6: a grant is good for its step, whatever the policy repeats and however few attempts there are'),
    row(scenario, 'end of workflow 1: failure', dropped, '§6: a grant is good for its step, whatever the policy repeats and however few attempts there are'),
  ]),
  row('08_approval_granted_policy_repeats', 'approval', dropped, '§6: a grant is good for its step: nothing is asked for again'),
  row('08_approval_granted_policy_repeats', 'ActivityStarted', dropped, '§6: a grant is good for its step: nothing is asked for again'),
  row('08_approval_one_attempt', 'approval', added({ answered: GRANTED }), '§6: an activity with one attempt is waited for too'),
  row('08_approval_one_attempt', 'ActivityStarted', added({ attempt: 1 }), '§6: an activity with one attempt is waited for too, and asks again once it is granted'),
  row('08_approval_parallel*', 'approval', dropped, '§6: an approval belongs to one activity; others are not held up and poll for nothing'),
  row('08_approval_*', 'Activity*: attempt', (_, ours) => ours === 1, '§6: the workflow waits for an approval; that uses none of the attempts of the activity'),
  ...['08_approval_parallel_forgotten', '08_approval_worker_restart'].flatMap((scenario) => [
    row(scenario, 'ActivityStarted', dropped, '§6: an approval that waits is not forgotten, and not asked for again'),
    row(scenario, 'ActivityStarted: answered.json.*', pairs(['allow', 'require_approval'], ...Object.entries(QUESTION).map(([, value]) => [undefined, value] as const)), '§6: the step asks again once it is granted; that the policy repeats itself then changes nothing'),
  ]),
  row('08_approval_poll_fails', 'approval', added({ answered: GRANTED }), '§6: an answer without a verdict is pending, not a grant'),

  // Guardrails.
  row('09_redact_dataclass_argument', 'ActivityCompleted: activity_input.0.tags.1', becomes('b', undefined), '§4: a list is replaced as a whole, no item of it stays unredacted'),
  row('09_redact_dataclass_argument', 'ActivityCompleted: activity_input.0.unknown', becomes(undefined, 1), '§4: what is redacted is merged into the argument; an object takes any key'),
  row('09_redact_dict_argument', '*prompt', becomes('call 555-1234', 'call [PHONE]'), '§4: any kind of argument is redacted, not only told so'),
  row('09_redact_dict_argument', 'ActivityCompleted: activity_input.0.keep', becomes(undefined, [1]), '§2: the input that really ran'),
  ...['WorkflowCompleted', 'Activity*'].map((step) =>
    row('09_redact_output', step, dropped, '§4: a text does not fit an object, and such a redaction is refused: nothing comes after it')),
  row('09_redact_output', 'WorkflowFailed', added({ error: { cause: { error_type: 'GovernanceAPIError', message: MISFIT } } }), '§4: a text does not fit an object, and such a redaction is refused'),
  row('09_redact_output', 'end of workflow 1: *', endsAs('GovernanceAPIError', MISFIT), '§4: a text does not fit an object, and such a redaction is refused'),

  row('10_signals', 'end of workflow 1: queries.0.1', becomes(undefined, 'poke'), '§9: a signal\'s handler is never delayed'),
];
