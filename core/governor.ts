import type { Attempt } from './attempt.ts';
import { type CoreClient, createClient } from './client.ts';
import type { Config } from './config.ts';
import type { ContextStorage } from './ports/context-storage.ts';
import type { Ports } from './ports/index.ts';
import type { Span } from './ports/tracer.ts';
import { VERSION } from './version.ts';
import { createWarnings, type Warnings } from './warnings.ts';

/** One configuration and its way to Core; two workers with different keys have two of these. */
export interface Governor {
  readonly config: Config;
  readonly ports: Ports;
  readonly client: CoreClient;
  readonly warnings: Warnings;
  readonly scopes: Scopes;
  /** Aborts when governance is closed: nobody waits for a human any more then. */
  readonly closing: AbortController;
  /** What synchronous questions have cost so far. */
  readonly stalls: Stalls;
}

/** How often, and for how many milliseconds, the calling thread stood still for an answer. */
export interface Stalls {
  count: number;
  totalMs: number;
  longestMs: number;
}

/** The operation that code runs in, or the activity itself. */
export interface Inside {
  readonly span: Span;
  /** True where it is the runtime's own code, which the operation's question has covered. */
  readonly opaque: boolean;
}

/** Which activity runs in which context; one per process, whatever the number of governors. */
export interface Scopes {
  readonly storage: ContextStorage<Attempt>;
  /** What code runs in beside it. */
  readonly inside: ContextStorage<Inside>;
  /** Attempts whose function has not ended. */
  readonly running: Set<Attempt>;
}

/** Names the host on the wire. Contract §1. */
export type Engine = 'temporal' | 'core';

/** What this SDK calls itself to Core. Contract §1. */
export function sdkIdOf(engine: Engine): string {
  return `openbox-${engine}-typescript-v${VERSION}`;
}

/** A governor for one configuration, on the ports of a runtime. Opens nothing. */
export function createGovernor(config: Config, ports: Ports, scopes: Scopes, engine: Engine): Governor {
  return {
    config,
    ports,
    scopes,
    closing: new AbortController(),
    stalls: { count: 0, totalMs: 0, longestMs: 0 },
    client: createClient(config, ports, sdkIdOf(engine)),
    warnings: createWarnings(ports.logger, ports.clock),
  };
}
