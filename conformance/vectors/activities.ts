import { ApplicationFailure, Context } from '@temporalio/activity';
import { databaseActivities } from './database-activities.ts';
import { fileActivities, wholeSync } from './file-activities.ts';
import { functionActivities } from './function-activities.ts';
import { httpActivities } from './http-activities.ts';
import { byNodeHttp } from './http-calls.ts';
import type { Way } from './ways.ts';

/** What the activities of one run work on. */
export interface Place {
  /** Of the target server, without a slash at its end. */
  readonly url: string;
  /** An absolute path, for files. */
  readonly folder: string;
  /** URL of the PostgreSQL database `shop`. */
  readonly database: string;
  /** Told when an activity has begun to wait. */
  waits(): void;
}

export type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

interface Order {
  readonly id: number;
  readonly card: string;
  readonly address: { readonly city: string };
  readonly note: string | null;
  readonly total: number;
}

class ValueError extends Error {
  override readonly name: string = 'ValueError';
}

class RuntimeError extends Error {
  override readonly name: string = 'RuntimeError';
}

/** What a language that knows fewer numbers can answer. */
const ODD: Readonly<Record<string, unknown>> = {
  int64: Number.MAX_SAFE_INTEGER + 1,
  float: 1e21,
  unicode: 'zażółć 😀 \u2028 \u0000',
  nested: { a: [{ b: [null, true] }] },
  none: null,
};

/** A value's kind, in the words of the recordings. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'NoneType';
  return typeof value === 'object' ? 'dict' : 'str';
}

const BY: Readonly<Record<Way, (place: Place) => Activities>> = {
  'node:http': (place) => httpActivities(place, byNodeHttp),
  readFileSync: (place) => fileActivities(place, wholeSync),
};

/** The counterparts of the recorded activities, under their names. */
export function activitiesAt(place: Place, by?: Way): Activities {
  const usual = { ...plainActivities(place), ...httpActivities(place), ...fileActivities(place), ...functionActivities(), ...databaseActivities(place) };
  return by === undefined ? usual : { ...usual, ...BY[by](place) };
}

const plainActivities = ({ waits }: Place): Activities => ({
  echo: async (value: unknown) => value,
  no_args: async () => null,
  many_args: async (...args: unknown[]) => args,
  slow: async (ms: number) => {
    await Context.current().sleep(ms);
    return ms;
  },
  process_order: async ({ id, card, address, note, total }: Order) => {
    return { order_id: id, ok: true, paid: total, seen: `Order card=${card} city=${address.city} note=${note ?? 'None'}` };
  },
  show: async (x: unknown, y?: unknown) => ({ x, y: y ?? null, types: [kindOf(x), kindOf(y)] }),
  odd_outputs: async (kind: string) => ODD[kind],
  fail_app: async (kind: string) => {
    if (kind !== 'chain') throw new RuntimeError('plain runtime error');
    const cause = new ValueError('card number too short');
    throw ApplicationFailure.create({ message: 'payment refused', type: 'PaymentRefused', nonRetryable: true, cause });
  },
  fail_once: async (_key: string) => {
    const { attempt } = Context.current().info;
    if (attempt === 1) throw new RuntimeError('first attempt fails');
    return `ok at attempt ${attempt}`;
  },
  wait_for_cancel: async () => {
    waits();
    for (;;) {
      Context.current().heartbeat();
      await Context.current().sleep(50);
    }
  },
});
