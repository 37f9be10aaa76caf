import { type Attempt, type DatabaseOperation, type DatabaseResult, governIn, type Report } from '../../core/index.ts';
import { handled, type WatchedPatch } from '../adapters/wrap.ts';
import { type Driver, type DriverHost, inContext, wants } from './driver.ts';
import { createLanes, type Place } from './lanes.ts';
import { type PgCall, type PgClient, type Prepare, readCall } from './pg-call.ts';
import { watch } from './pg-submittable.ts';
import { sqlVerb } from './sql.ts';

const NAME = 'pg';

/** The module, or its namespace as ESM sees it. */
interface PgModule {
  readonly default?: PgModule;
  readonly Client?: { readonly prototype: object };
  readonly Pool?: { readonly prototype: object };
  readonly native?: PgModule | null;
  readonly utils?: { readonly prepareValue?: Prepare };
}

/**
 * `pg`: every query passes `Client.prototype.query`, whether of a client, a pool, a cursor or a stream. Contract §3.1.
 *
 * A pool's own connecting is part of its query and no operation: whoever governs sockets has to let it through there.
 */
export const pg: Driver = {
  name: NAME,
  install(host, module) {
    const found = module as PgModule;
    // A namespace has not all that its default has.
    const own = found.default?.Client === undefined ? found : found.default;
    if (own.Client === undefined) return false;
    const query = { route: NAME, name: 'query', every: governedQuery(host, own.utils?.prepareValue) };
    const clients = [own.Client, nativeOf(own)?.Client].filter((client) => client !== undefined);
    for (const { prototype } of new Set(clients)) host.patches.add({ ...query, target: prototype });
    if (own.Pool !== undefined) {
      host.patches.add({ route: NAME, name: 'connect', target: ownerOf(own.Pool.prototype, 'connect'), every: keepingContext(host) });
    }
    return true;
  },
};

/** The getter loads `pg-native`, where that is installed. */
function nativeOf(module: PgModule): PgModule | null | undefined {
  try {
    return module.native;
  } catch {
    return undefined;
  }
}

/** The object in the chain that has the method: pools of `pg-pool` itself share it. */
function ownerOf(prototype: object, name: string): object {
  for (let each: object | null = prototype; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    if (Object.hasOwn(each, name)) return each;
  }
  return prototype;
}

/** A pool hands a connection to who waits for it in the context of whoever gives it back. */
function keepingContext({ scopes }: DriverHost): WatchedPatch['every'] {
  return (original, self, args) => {
    const [callback] = Array.from(args);
    if (typeof callback !== 'function') return Reflect.apply(original, self, args);
    return Reflect.apply(original, self, [inContext(scopes, callback as (...given: readonly unknown[]) => void)]);
  };
}

function governedQuery({ gate, scopes }: DriverHost, prepare: Prepare | undefined): WatchedPatch['every'] {
  const lanes = createLanes();
  return (original, self, args) => {
    const client = self as PgClient;
    // Nothing to send: the client's own error says so.
    if (args[0] === undefined || args[0] === null) return Reflect.apply(original, self, args);
    let attempt: Attempt | undefined;
    let refused: unknown;
    try {
      attempt = gate.enter(NAME);
    } catch (error) {
      refused = error;
    }
    const governing = attempt !== undefined && wants(attempt.governor.config, NAME) ? attempt : undefined;
    if (governing === undefined && refused === undefined && lanes.isFree(client)) return Reflect.apply(original, self, args);

    const call = readCall(client, Array.from(args), prepare);
    if (refused !== undefined) return call.answer(handled(Promise.reject(refused)));
    const place = lanes.enter(client);
    const send = (): unknown => {
      try {
        return call.send((argument) => Reflect.apply(original, self, [argument]));
      } finally {
        place.leave();
      }
    };
    if (governing === undefined) return call.answer(place.turn.then(send));
    return call.answer(handled(govern({ attempt: governing, scopes, client, call, place, send })));
  };
}

interface Governed {
  readonly attempt: Attempt;
  readonly scopes: DriverHost['scopes'];
  readonly client: PgClient;
  readonly call: PgCall;
  readonly place: Place;
  /** Makes the call and leaves the place. */
  send(): unknown;
}

async function govern({ attempt, scopes, client, call, place, send }: Governed): Promise<unknown> {
  const { submittable } = call;
  const watched = submittable && watch(submittable, (callback) => inContext(scopes, callback));
  let sent = false;
  const run = async (): Promise<unknown> => {
    sent = true;
    if (watched === undefined) return send();
    if (!watched.left()) send();
    // Not the submittable: one that is thenable would be waited for.
    return SENT;
  };
  const report: Report<DatabaseOperation, unknown> = {
    describe: (result) => ({ rowCount: rowCountOf(result) }),
    withholds: (result) => result === SENT || bringsRows(result),
    // What is written into it comes later.
    exact: () => (typeof (submittable as { write?: unknown } | undefined)?.write === 'function' ? undefined : [call.values ?? null]),
    turn: () => place.turn,
    ...(watched && {
      handOut: (value, later) => {
        watched.begin(later);
        return value;
      },
    }),
  };
  try {
    return await governIn(attempt, describe(client, call.text), run, report);
  } catch (error) {
    if (sent || !call.undoes) throw error;
    // Taking back is never stopped: whatever Core said, the transaction must not stay open.
    await place.turn;
    return await run();
  } finally {
    place.leave();
  }
}

const SENT = Symbol('sent');

function describe({ database, host, port }: PgClient, text: string): DatabaseOperation {
  return {
    type: 'db_query',
    system: 'postgresql',
    name: textOrNull(database),
    operation: sqlVerb(text),
    statement: text,
    address: textOrNull(host),
    port: typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : null,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

interface PgResult {
  readonly rowCount?: unknown;
  readonly fields?: readonly unknown[];
}

/** One for each statement of the text. */
const resultsOf = (result: unknown): readonly PgResult[] => [result].flat().map((one) => Object(one) as PgResult);

function rowCountOf(result: unknown): DatabaseResult['rowCount'] {
  const counts = resultsOf(result).flatMap(({ rowCount }) => (typeof rowCount === 'number' ? [rowCount] : []));
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count);
}

/** Whether there is anything in it that could be withheld: rows, or that there are none. */
function bringsRows(result: unknown): boolean {
  return resultsOf(result).some(({ fields }) => (fields?.length ?? 0) > 0);
}
