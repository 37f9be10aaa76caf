/**
 * OpenBox governance on Deno: asks OpenBox Core before agents act. Importing starts nothing.
 *
 * @module
 */
import { type OpenBox, type OpenBoxOptions, startOpenBox } from '../../core/index.ts';
import { createTraced, type Traced } from '../adapters/traced.ts';
import { createGovern, createGovernSync, type Govern, type GovernSync } from '../adapters/user-govern.ts';
import { denoBinding, denoGate } from './binding.ts';

export * from '../adapters/public.ts';
export { denoBinding } from './binding.ts';

/**
 * Starts governance in this process, for agents without Temporal; `close()` ends it. Asks Core whether the key is valid
 * unless `validateApiKey` is false.
 *
 * Throws `OpenBoxConfigError` or a kind of it.
 */
export function createOpenBox(options: OpenBoxOptions = {}): Promise<OpenBox> {
  return startOpenBox(denoBinding, options, 'core');
}

/** Makes every call of a function inside an activity an operation that is asked about; a decorator too. Contract §3.1. */
export const traced: Traced = createTraced(denoGate);

/** Governs what nothing here sees by itself: describe the operation, hand over what runs it. Contract §3. */
export const govern: Govern = createGovern(denoGate);

/**
 * As `govern`, for calls that cannot wait asynchronously: the whole process stands still for Core's answer, at most
 * `syncGovernanceTimeout`.
 */
export const governSync: GovernSync = createGovernSync(denoGate);
