import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseJson } from '../contract/json.ts';
import type { JsonObject } from '../contract/kinds.ts';
import type { Policy } from '../testing.ts';

/** One request to Core, and its answer. */
export interface Exchange {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null where there is none. Integers beyond 2^53 are bigints. */
  readonly body: JsonObject | null;
  readonly answered: JsonObject;
}

/** One error of a chain, the outermost first. */
export interface Failure {
  readonly class: string;
  readonly message: string;
  readonly type?: string;
  readonly non_retryable?: boolean;
}

/** How a workflow ended for its client. */
export interface Ended {
  readonly workflow_id: string;
  readonly ended: string;
  /** The server's. */
  readonly status: string;
  readonly result?: unknown;
  readonly failure?: readonly Failure[];
  readonly queries?: readonly unknown[];
  readonly updates?: readonly unknown[];
  /** The events of the first run's history, a line each. */
  readonly history: readonly string[];
}

/** What went over the wire, and what came of it. */
export interface Traffic {
  readonly requests: readonly Exchange[];
  readonly outcome: {
    readonly workflows: readonly Ended[];
    readonly target_server_hits: readonly string[];
    readonly api_key_found_in_history: boolean;
  };
}

/** What a client does with a workflow after its start: `['signal', 'poke', []]`, `['cancel']` … */
export type Action = readonly [what: string, name?: unknown, args?: readonly unknown[]];

export interface WorkflowRun {
  readonly workflow: string;
  readonly args: readonly unknown[];
  readonly then?: readonly Action[];
  /** Seconds after which it is terminated. */
  readonly bound_s?: number;
}

/** One scenario, as version 1.1.0 of the Python SDK played it. */
export interface Recording extends Traffic {
  readonly scenario: string;
  readonly policy: Policy;
  /** By their names in Python. */
  readonly worker_options: JsonObject;
  readonly workflow_runs: readonly WorkflowRun[];
}

const folder = new URL('./recorded/', import.meta.url);

/** Every recording, in the order of their names. */
export function readRecordings(): readonly Recording[] {
  const files = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.json')).sort();
  return files.map((name) => parseJson(readFileSync(new URL(name, folder), 'utf8')) as Recording);
}
