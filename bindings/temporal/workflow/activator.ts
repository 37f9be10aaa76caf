import type { PayloadConverter } from '@temporalio/common';
import type { Signal } from './letters.ts';

/** What of the SDK's own is asked here, for no public API offers it. */
export interface Activator {
  readonly payloadConverter: PayloadConverter;
  readonly signalHandlers: ReadonlyMap<string, { readonly handler?: unknown }>;
  readonly defaultSignalHandler?: unknown;
  signalWorkflow(signal: Signal): void;
  cancelWorkflow(job: object): void;
  rejectUpdate(protocolInstanceId: string, error: unknown): void;
  /** By `failureExceptionTypes` of worker and workflow. */
  isConfiguredFailureException?(error: unknown): boolean;
}

export const activator = (): Activator => (globalThis as unknown as { readonly __TEMPORAL_ACTIVATOR__: Activator }).__TEMPORAL_ACTIVATOR__;
