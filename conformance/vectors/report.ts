import { formatJson } from '../contract/json.ts';
import { FAULTS } from './faults.ts';
import { NOT_RUN } from './not-run.ts';
import type { Judged, Played } from './vectors.ts';
import { titleOf } from './ways.ts';

/** What is compared, scenario by scenario, as lines of text. */
export function summary(played: readonly Played[]): string {
  const lines = played.map((one) => [titleOf(one), String(one.equal), String(one.differences.length), '']);
  const left = NOT_RUN.map((one) => [titleOf(one), '', '', `${one.why}: ${one.what}`]);
  const sum = (values: readonly number[]): string => String(values.reduce((total, value) => total + value, 0));
  const total = ['all', sum(played.map(({ equal }) => equal)), sum(played.map(({ differences }) => differences.length)), ''];
  return table(['scenario', 'fields equal', 'different by intent', 'not run'], [...lines, ...left, total]);
}

/** The text of docs/parity.md. */
export function parity(played: readonly Played[]): string {
  return `# Parity

What the Python SDK 1.1.0 was recorded to do (\`conformance/vectors/recorded/\`), played again by this SDK: the same workflows, activities, policies and
client on a real Temporal server, compared field by field; some of them once more by another API, named in brackets. \`npm run vectors -- -u\` writes
this page; a difference that is not in \`conformance/vectors/differences.ts\` fails the tests, and so does a row of it that nothing matches.

## Scenarios

${summary(played)}

## Differences by intent

Sections are those of [the contract](contract.md).

${table(['why', 'where', 'fields', 'for example: Python → ours'], reasons(played))}

## Faults, and the tests named after them

What the Python SDK was recorded or read to do wrong, and what else is easily done wrong in its place. The title of a test ends with the name of its fault, as in \`(fault: ${FAULTS[0]?.id})\`;
without the cure it fails. \`conformance/vectors/faults.ts\` is the table; a test holds it against the titles.

${table(['where', 'fault', 'what it is', 'test'], FAULTS.map(({ section, id, what, file, test }) => [section, `\`${id}\``, what, `\`${file}\`: ${test}`]))}
`;
}

/** One line for each reason, in the order of the table of differences. */
function reasons(played: readonly Played[]): string[][] {
  const byReason = new Map<string, Judged[]>();
  for (const one of played.flatMap(({ differences }) => differences)) {
    const why = one.row?.why ?? 'nobody meant it';
    byReason.set(why, [...(byReason.get(why) ?? []), one]);
  }
  const sorted = [...byReason].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
  return sorted.map(([why, all]) => {
    const [first] = all;
    const places = [...new Set(all.map(({ where }) => where.replace(/^.*: /, '')))];
    const example = `\`${shown(first?.python)}\` → \`${shown(first?.ours)}\``;
    const names = places.slice(0, 4).map((place) => `\`${place}\``).join(', ') + (places.length > 4 ? ', …' : '');
    return [why, names, String(all.length), `${example} (${first === undefined ? '' : titleOf(first.play)})`];
  });
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  // A whole step.
  if (typeof value === 'object' && value !== null && 'headers' in value) return 'sent';
  const text = formatJson(value);
  return (text.length > 60 ? `${text.slice(0, 60)}…` : text).replaceAll('`', "'");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
