import type { Hold } from './http-client.ts';
import type { AnyFunction } from './imitate.ts';
import type { ClientRequest, HttpAgent, HttpModules, RequestOptions, Socket } from './http-module.ts';

type Options = Readonly<Record<string, unknown>>;
type HoldHere = (...args: Parameters<Hold> extends [unknown, ...infer Rest] ? Rest : never) => void;
type Connected = (error: unknown, socket?: Socket) => void;

/**
 * The arguments of a module's `request`, where their options, or the module's own agent, bring the connection by a way of
 * their own: a function that makes it, or an agent that is no `http.Agent`. Such a request gets an agent of ours, which
 * holds it first. Options are read once.
 */
export function governOwnConnections(args: readonly unknown[], { http }: HttpModules, fallback: unknown, hold: HoldHere): readonly unknown[] {
  const at = typeof args[0] === 'string' || isUrl(args[0]) ? 1 : 0;
  const given = isObject(args[at]);
  const options: Record<string, unknown> = given ? { ...(args[at] as Options) } : {};
  const { agent, createConnection, _defaultAgent: own = fallback } = options;
  const none = agent === undefined || agent === null;
  if (none && typeof createConnection === 'function') {
    options['agent'] = connector(createConnection as AnyFunction, hold);
  } else {
    const used = none ? own : agent;
    if (isAgent(used) && !(used instanceof http.Agent)) options['agent'] = standIn(used, hold);
  }
  if (given) return args.with(at, options);
  return options['agent'] === undefined ? args : [...args.slice(0, at), options, ...args.slice(at)];
}

/** Looks like the agent, and holds what is added to it. */
function standIn(agent: HttpAgent, hold: HoldHere): object {
  const addRequest = (request: ClientRequest, options: RequestOptions): void => {
    request.agent = agent;
    hold(request, options, (known) => agent.addRequest(request, { ...known, agent }));
  };
  return new Proxy({}, { get: (_, name) => (name === 'addRequest' ? addRequest : Reflect.get(agent, name)) });
}

/** Does what a request without an agent does itself. */
function connector(createConnection: AnyFunction, hold: HoldHere): Pick<HttpAgent, 'addRequest'> {
  return {
    addRequest(request, options) {
      request.agent = undefined;
      hold(request, options, (known) => {
        let over = false;
        const connected: Connected = (error, socket) => {
          if (over) return;
          over = true;
          request.onSocket(socket ?? null, error);
        };
        const connection = { ...known, agent: undefined, path: known.socketPath ?? undefined };
        const socket = Reflect.apply(createConnection, connection, [connection, connected]) as Socket | undefined;
        if (socket) connected(null, socket);
      });
    },
  };
}

function isAgent(agent: unknown): agent is HttpAgent {
  return isObject(agent) && typeof agent['addRequest'] === 'function';
}

/** As Node tells a URL of any realm from options. */
function isUrl(value: unknown): boolean {
  return isObject(value) && Boolean(value['href']) && Boolean(value['protocol']) && value['auth'] === undefined && value['path'] === undefined;
}

function isObject(value: unknown): value is Options {
  return typeof value === 'object' && value !== null;
}
