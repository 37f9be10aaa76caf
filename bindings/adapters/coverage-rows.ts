import type { CoverageRow, GapReason, OperationType } from '../../core/index.ts';

type Rows = readonly CoverageRow[];

/** Routes that are asked about, names with a space between them. */
export const governed = (type: OperationType, routes: string): Rows =>
  routes.split(' ').map((route) => ({ route, type, state: 'governed' }));

/** Routes that the sync gate asks about. */
export const governedSync = (type: OperationType, routes: readonly string[]): Rows =>
  routes.map((route) => ({ route, type, state: 'governed', sync: true }));

/** Routes that are not asked about yet. */
export const open = (type: OperationType, reason: GapReason, routes: readonly string[], note?: string): Rows =>
  routes.map((route) => ({ route, type, state: 'open', reason, ...(note !== undefined && { note }) }));

/** A route that cannot be asked about in this runtime. */
export const impossible = (
  type: OperationType,
  reason: GapReason,
  route: string,
  note: string,
  more: Pick<CoverageRow, 'link' | 'cases'> = {},
): CoverageRow => ({ route, type, state: 'impossible', reason, note, ...more });

/** `under('fs', 'read write')` is `fs.read` and `fs.write`. */
export const under = (prefix: string, names: string): string[] => names.split(' ').map((name) => `${prefix}.${name}`);
