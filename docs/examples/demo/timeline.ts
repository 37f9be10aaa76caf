import type { Exchange } from './recorder.ts';

type Row = readonly string[];
type Span = Readonly<Record<string, unknown>>;

const HEAD: Row = ['ms', 'workflow', 'event', 'about', 'verdict', 'reason'];

/** Every event and verdict, one line each, in order. */
export function timeline(exchanges: readonly Exchange[]): string {
  const rows = exchanges.filter(isNews).flatMap(rowOf);
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...rows].map((row) => (row[column] ?? '').length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padStart(widths[0] ?? 0) : text.padEnd(widths[column] ?? 0);
  const line = (row: Row): string => row.map(cell).join('  ').trimEnd();
  return [line(HEAD), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** Looks at an approval that tell nothing new are left out. */
function isNews(exchange: Exchange, at: number, all: readonly Exchange[]): boolean {
  const before = all[at - 1];
  const sameLook = exchange.path.endsWith('/approval') && before?.path === exchange.path;
  return !sameLook || wordOf(before.answer) !== wordOf(exchange.answer);
}

function rowOf({ at, path, question, answer }: Exchange): Row[] {
  const text = (field: string): string => (typeof question[field] === 'string' ? question[field] : '');
  const row = (event: string, about: string, verdict = wordOf(answer)): Row[] => [
    [at.toFixed(0), text('workflow_id'), event, about, verdict, typeof answer['reason'] === 'string' ? answer['reason'] : ''],
  ];
  if (path.endsWith('/validate')) return row('validate', 'API key', answer['valid'] === true ? 'valid' : 'refused');
  if (path.endsWith('/approval')) return row('  approved yet?', `activity ${text('activity_id')}`);
  const [span] = question['hook_trigger'] === true ? (question['spans'] as Span[]) : [];
  if (span !== undefined) return row(`  ${String(span['stage'])}`, aboutSpan(span));
  return row(text('event_type'), text('activity_type') || text('workflow_type'));
}

function wordOf(answer: Readonly<Record<string, unknown>>): string {
  const word = answer['verdict'] ?? answer['action'];
  return typeof word === 'string' ? word.toUpperCase() : '(no verdict)';
}

const ABOUT: Readonly<Record<string, (span: Span) => string>> = {
  http_request: (span) => `${String(span['http_method'])} ${new URL(String(span['http_url'])).pathname}`,
  file_operation: (span) => `${String(span['file_operation'])} ${String(span['file_path']).split('/').at(-1)}`,
  function_call: (span) => `${String(span['function'])}()`,
};

function aboutSpan(span: Span): string {
  return ABOUT[String(span['hook_type'])]?.(span) ?? String(span['name']);
}
