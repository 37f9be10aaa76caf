import { bunBinding } from '../bindings/bun/binding.ts';
import { denoBinding } from '../bindings/deno/binding.ts';
import { edgeBinding } from '../bindings/edge/binding.ts';
import { nodeBinding } from '../bindings/node/binding.ts';
import type { CoverageRow, CoverageState } from '../core/coverage.ts';
import type { OperationType } from '../core/operation.ts';
import { table } from './markdown.ts';

const BINDINGS = [nodeBinding, bunBinding, denoBinding, edgeBinding];

const FAMILIES: Readonly<Record<OperationType, string>> = {
  http_request: 'HTTP',
  file_operation: 'Files',
  db_query: 'Databases and stores',
  function_call: 'Processes, sockets, functions and the rest',
};

const SIGNS: Readonly<Record<CoverageState, string>> = { governed: '●', open: '○', impossible: '✕' };

/** `docs/coverage.md`: every route out of every runtime, from the bindings' own tables. */
export function coveragePage(): string {
  return `# Coverage

Which routes out of a process are asked about, runtime by runtime. Made from the tables of the bindings (\`bindings/<runtime>/coverage.ts\`) by \`npm run docs\`; \`coverageReport()\` gives the
same rows with what is really installed in a process. A conformance case that a gap keeps from passing runs all the same, and has to fail.

${SIGNS.governed} asked about, and blocked before its effect · ${SIGNS.open} open: runs unasked · ${SIGNS.impossible} not possible in the process · blank: the runtime does not have it

${coverageSummary()}

${(Object.keys(FAMILIES) as OperationType[]).map((family) => `## ${FAMILIES[family]}\n\n${familyTable(family)}`).join('\n\n')}

## Why

${table(['route', 'on', 'reason', 'note'], gapRows())}
`;
}

/** How many routes are asked about, by what they reach: `24 of 60` on each runtime. */
export function coverageSummary(): string {
  const cell = (coverage: readonly CoverageRow[], family: OperationType): string => {
    const rows = coverage.filter(({ type, state }) => type === family && state !== 'impossible');
    const impossible = coverage.filter(({ type, state }) => type === family && state === 'impossible').length;
    const asked = rows.filter(({ state }) => state === 'governed').length;
    return `${asked} of ${rows.length}${impossible === 0 ? '' : `, ${impossible} impossible`}`;
  };
  return table(
    ['routes asked about, and blocked before their effect', ...BINDINGS.map(({ runtime }) => runtime)],
    (Object.keys(FAMILIES) as OperationType[]).map((family) => [FAMILIES[family], ...BINDINGS.map(({ coverage }) => cell(coverage, family))]),
  );
}

function familyTable(family: OperationType): string {
  const routes = [...new Set(BINDINGS.flatMap(({ coverage }) => coverage.flatMap(({ route, type }) => (type === family ? [route] : []))))];
  const sign = (coverage: readonly CoverageRow[], route: string): string => {
    const row = coverage.find((one) => one.route === route && one.type === family);
    return row === undefined ? '' : SIGNS[row.state];
  };
  return table(
    ['route', ...BINDINGS.map(({ runtime }) => runtime)],
    routes.map((route) => [`\`${route}\``, ...BINDINGS.map(({ coverage }) => sign(coverage, route))]),
  );
}

/** Each gap once, whatever the number of runtimes that have it. */
function gapRows(): string[][] {
  const gaps = new Map<string, { readonly row: CoverageRow; readonly runtimes: string[] }>();
  for (const { runtime, coverage } of BINDINGS) {
    for (const row of coverage) {
      if (row.state === 'governed') continue;
      const key = JSON.stringify([row.route, row.reason, row.note]);
      const known = gaps.get(key);
      if (known === undefined) gaps.set(key, { row, runtimes: [runtime] });
      else known.runtimes.push(runtime);
    }
  }
  return [...gaps.values()].map(({ row, runtimes }) => [`\`${row.route}\``, runtimes.join(', '), row.reason ?? '', noteOf(row)]);
}

function noteOf({ note = '', link, cases = [] }: CoverageRow): string {
  const parts = [note, link === undefined ? '' : `<${link}>`, cases.length === 0 ? '' : `cases that must fail: ${cases.length}`];
  return parts.filter((part) => part !== '').join('; ');
}
