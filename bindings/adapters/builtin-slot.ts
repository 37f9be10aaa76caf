import { type ProcessSlot, processSlot } from '../../core/index.ts';
import { contextsBy } from './async-context.ts';

/** What exists once in this process. */
export function builtinSlot(): ProcessSlot {
  return processSlot(contextsBy(process.getBuiltinModule('node:async_hooks').AsyncLocalStorage));
}
