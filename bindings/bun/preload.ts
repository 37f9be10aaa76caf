/**
 * Patches everything before the application's first module. Importing it does that, and nothing else.
 *
 * @module
 */
import { preload } from '../adapters/preload.ts';
import { bunBinding, bunGate } from './binding.ts';

preload({ binding: bunBinding, gate: bunGate, name: 'bun', floor: '1.4' });
