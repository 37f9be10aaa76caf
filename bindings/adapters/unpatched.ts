import type { ProcessSlot } from '../../core/index.ts';

/** The function that was there before any patch of ours: what governance itself does is not governed. */
export function unpatched<F>({ installed }: Pick<ProcessSlot, 'installed'>, route: string, current: F): F {
  const [patch] = installed.get(route)?.values() ?? [];
  return (patch?.original as F | undefined) ?? current;
}
