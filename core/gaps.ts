import type { Patched } from './binding.ts';
import type { Config } from './config.ts';
import { OpenBoxConfigError } from './errors.ts';
import type { Logger } from './ports/logger.ts';
import { otherVersion, type ProcessSlot } from './slot.ts';

/** With `strict` a route that should be governed and is not keeps governance from starting. */
export function refuseGaps({ strict }: Config, patched: Patched, preload?: string): void {
  const problems = gapsOf(patched, preload);
  if (!strict || problems.length === 0) return;
  throw new OpenBoxConfigError(`Option strict is true, and ${problems.map(uncapitalised).join('; and ')}`, { option: 'strict' });
}

/** What stays open, and which versions are here, is said once in a process. */
export function sayGaps(slot: ProcessSlot, logger: Logger, patched: Patched, preload?: string): void {
  const { said, preloaded } = slot;
  const once = (level: keyof Logger, text: string): void => {
    if (!said.has(text)) logger[level](text);
    said.add(text);
  };
  const other = otherVersion(slot);
  if (other !== undefined) once('warn', other);
  for (const problem of gapsOf(patched, preload)) once('error', problem);
  if (preload !== undefined && preloaded !== true && patched.boundBefore.length === 0) {
    once('info', `Started without the preload: functions that were taken off their modules before now stay ungoverned; start the process with ${preload}`);
  }
}

function gapsOf({ missing, boundBefore }: Patched, preload = 'a preload'): string[] {
  return [
    ...(missing.length > 0 ? [`These routes could not be patched and stay ungoverned: ${missing.join(', ')}; something has frozen or removed them`] : []),
    ...(boundBefore.length > 0
      ? [`Named imports of built-in modules were bound before governance started and stay ungoverned: start the process with ${preload}; they are ${some(boundBefore)}`]
      : []),
  ];
}

/** As many as a person reads. */
function some(routes: readonly string[]): string {
  const more = routes.length - SHOWN;
  return `${routes.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more (coverageReport() has them all)` : ''}`;
}

const SHOWN = 10;

function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
