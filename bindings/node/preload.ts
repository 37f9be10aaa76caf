/**
 * Patches everything before the application's first module. Importing it does that, and nothing else.
 *
 * @module
 */
import { preload } from '../adapters/preload.ts';
import { nodeBinding, nodeGate } from './binding.ts';

preload({ binding: nodeBinding, gate: nodeGate, name: 'node', floor: '20.19' });
