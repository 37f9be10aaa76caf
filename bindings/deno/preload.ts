/**
 * Patches everything before the application's first module. Importing it does that, and nothing else.
 *
 * @module
 */
import { preload } from '../adapters/preload.ts';
import { denoBinding, denoGate } from './binding.ts';

preload({ binding: denoBinding, gate: denoGate, name: 'deno', floor: '2.9' });
