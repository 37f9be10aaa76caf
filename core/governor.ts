import type { Attempt } from './attempt.ts';
import { type Breaker, createBreaker, throughBreaker } from './breaker.ts';
import { type CoreClient, createClient } from './client.ts';
import type { Config } from './config.ts';
import { namedLogger } from './observe.ts';
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
  /** Both ways to ask go by it: what one learns of Core, the other knows. */
  readonly breaker: Breaker;
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
  /** Attempts that have begun and not ended, be it that their function has not begun yet. */
  readonly attempts: Set<Attempt>;
  /** Attempts whose function has not ended. */
  readonly running: Set<Attempt>;
}

/** The contexts of a process, empty, over a storage of the runtime. */
export function createScopes(createStorage: <T>() => ContextStorage<T>): Scopes {
  return { storage: createStorage(), inside: createStorage(), attempts: new Set(), running: new Set() };
}

/** Names the host on the wire. Contract §1. */
export type Engine = 'temporal' | 'core';

/** What this SDK calls itself to Core. Contract §1. */
export function sdkIdOf(engine: Engine): string {
  return `openbox-${engine}-typescript-v${VERSION}`;
}

/** A governor for one configuration, on the ports of a runtime. Opens nothing. */
export function createGovernor(config: Config, given: Ports, scopes: Scopes, engine: Engine): Governor {
  const ports: Ports = { ...given, logger: namedLogger(given.logger, config) };
  const warnings = createWarnings(ports.logger, ports.clock);
  const breaker = createBreaker(ports.clock, (outage) => {
    warnings.warn('reachable', `OpenBox Core reachable again; questions without an answer meanwhile: ${outage.notAnswered}, not asked: ${outage.notAsked}`, { ...outage });
  });
  const client = createClient(config, ports, sdkIdOf(engine));
  return {
    config,
    ports,
    scopes,
    breaker,
    closing: new AbortController(),
    stalls: { count: 0, totalMs: 0, longestMs: 0 },
    client: { ...client, evaluate: (body, asking) => throughBreaker(breaker, asking?.always, () => client.evaluate(body, asking)) },
    warnings,
  };
}
