import type { Attempt } from '../../core/index.ts';
import { exchange } from './http-exchange.ts';
import type { ClientRequest, HttpModules, RequestOptions } from './http-module.ts';
import { targetOf } from './http-target.ts';
import { governOwnConnections } from './http-connection.ts';
import { hasPrefix } from './url-prefix.ts';
import type { Patches } from './wrap.ts';

/** Holds a request until it has been asked about. */
export type Hold = (attempt: Attempt, request: ClientRequest, options: RequestOptions, start: (options: RequestOptions) => void) => void;

/**
 * Puts governance before `node:http` and `node:https`, at the one place that every request passes on its way to a
 * connection, new or kept alive: `http.Agent.prototype.addRequest`, which the agent of `https` inherits.
 */
export function installHttp(patches: Patches, modules: HttpModules): void {
  const hold: Hold = (attempt, request, options, start) => {
    // Agents that look who called them to tell https from http would find us.
    const known = { ...options, protocol: options.protocol ?? request.protocol, secureEndpoint: options.secureEndpoint ?? request.protocol === 'https:' };
    const begin = (): void => start(known);
    if (isIgnored(attempt, request, options)) begin();
    else void exchange(attempt, modules, request, options, begin);
  };
  patches.add({
    route: 'http.ClientRequest',
    target: modules.http.Agent.prototype,
    name: 'addRequest',
    refuses: 'throws',
    governed({ attempt, args, original }) {
      const [request, given, port, localAddress] = args as [ClientRequest, RequestOptions | string, number?, string?];
      // The way agents were called in Node 0.10.
      const options: RequestOptions = typeof given === 'string' ? { host: given, port: port ?? null, localAddress } : given;
      hold(attempt, request, options, (known) => void original(request, known));
    },
  });
  for (const module of ['http', 'https'] as const) {
    for (const name of ['request', 'get'] as const) {
      patches.add({
        route: `${module}.${name}`,
        target: modules[module],
        name,
        refuses: 'throws',
        governed: ({ attempt, args, original }) => original(...governOwnConnections(args, modules, modules[module].globalAgent, (...held) => hold(attempt, ...held))),
      });
    }
  }
}

/** A URL exempts nothing where the connection goes elsewhere, or where servers may read its path otherwise. */
function isIgnored({ governor }: Attempt, request: ClientRequest, options: RequestOptions): boolean {
  const { ignoredUrlPrefixes } = governor.config;
  if (ignoredUrlPrefixes.length === 0) return false;
  const { url, peer } = targetOf(request, options, request.method, request.path);
  if (peer !== undefined || !URL.canParse(url)) return false;
  const parsed = new URL(url);
  return parsed.pathname + parsed.search === request.path && hasPrefix(parsed, ignoredUrlPrefixes);
}
