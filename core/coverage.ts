import type { Config } from './config.ts';
import type { OperationType } from './operation.ts';

/** `governed`: asked about and blocked before its effect. `open`: not yet. `impossible`: not in this runtime. */
export type CoverageState = 'governed' | 'open' | 'impossible';

/** Why a route is not governed; a closed set, so that gaps can be counted. */
export type GapReason = 'planned' | 'switched-off' | 'needs-sync-gate' | 'needs-preload' | 'runtime-cannot' | 'opaque-after-start';

/** One route out of the process: a row of a binding's coverage table. */
export interface CoverageRow {
  /** As code calls it: `fs.promises.readFile`. */
  readonly route: string;
  readonly type: OperationType;
  readonly state: CoverageState;
  /** Always there unless `governed`. */
  readonly reason?: GapReason;
  readonly note?: string;
  /** True where only a sync gate can ask: without one the route runs unasked, or is denied with `strict`. */
  readonly sync?: true;
  /** The upstream issue, where a runtime is why. */
  readonly link?: string;
  /** Conformance cases that cannot pass because of this gap; they run, and must fail. */
  readonly cases?: readonly string[];
}

/** A row, with what holds in this process now. */
export interface CoverageReportRow extends CoverageRow {
  /** True where the route is patched in this process. */
  readonly installed: boolean;
  /** In observe mode what is governed is asked about and never stopped. */
  readonly mode: Config['mode'];
}

/** What holds in this process. */
export interface InProcess {
  isPatched(route: string): boolean;
  /** Routes whose named imports were bound before they were patched. */
  readonly boundBefore: readonly string[];
  readonly preloaded: boolean;
  readonly hasSyncGate: boolean;
}

type Switches = Pick<Config, 'instrumentFileIo' | 'instrumentDatabases' | 'dbLibraries' | 'ignoredUrlPrefixes' | 'mode'>;

/** The table as it holds in this process: what options have switched off is open. */
export function reportCoverage(
  rows: readonly CoverageRow[],
  switches: Switches,
  { isPatched, boundBefore, preloaded, hasSyncGate }: InProcess,
): readonly CoverageReportRow[] {
  const { mode } = switches;
  const off = { state: 'open', reason: 'switched-off', installed: false } as const;
  const here = (row: CoverageRow): Omit<CoverageReportRow, 'mode'> => {
    const note = row.state === 'governed' ? switchedOff(row, switches) : undefined;
    if (note !== undefined) return { ...row, ...off, note };
    const installed = isPatched(row.route);
    if (boundBefore.includes(row.route)) return { ...row, state: 'open', reason: 'needs-preload', installed, note: 'named imports were bound before governance started' };
    if (row.state === 'governed' && row.sync === true && !hasSyncGate) return { ...row, state: 'open', reason: 'needs-sync-gate', installed };
    if (row.reason === 'needs-preload' && preloaded) return { route: row.route, type: row.type, state: 'governed', installed: true };
    return { ...row, installed };
  };
  return [
    ...rows.map(here),
    ...switches.ignoredUrlPrefixes.map((prefix) => ({
      route: `fetch ${prefix}`,
      type: 'http_request' as const,
      ...off,
      note: 'among ignoredUrlPrefixes',
    })),
  ].map((row): CoverageReportRow => ({ ...row, mode }));
}

/** The option that has switched a row off. */
function switchedOff({ type, route }: CoverageRow, { instrumentFileIo, instrumentDatabases, dbLibraries }: Switches): string | undefined {
  if (type === 'file_operation' && !instrumentFileIo) return 'instrumentFileIo is false';
  if (type === 'db_query' && !instrumentDatabases) return 'instrumentDatabases is false';
  if (type === 'db_query' && dbLibraries?.has(route) === false) return 'not among dbLibraries';
  return undefined;
}
