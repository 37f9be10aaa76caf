import type { ClientRequest, RequestOptions } from './http-module.ts';

/** Where a request goes. */
export interface Target {
  readonly url: string;
  /** Where the connection goes, if that is elsewhere than the URL says: a proxy, a socket file. */
  readonly peer?: { readonly address: string; readonly port: number | null };
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\//i;

/**
 * The URL of a request for this path. Written as it is sent and not normalised, as servers differ in what they make of
 * `..`. A path that is a URL (for a proxy) is the URL; CONNECT names host and port, whose scheme the port tells.
 */
export function targetOf(request: ClientRequest, options: RequestOptions, method: string, path: string): Target {
  const { host, port, socketPath } = peerOptions(request, options);
  // An agent for all requests that names no protocol leaves them without one.
  const protocol = request.protocol ?? (options.secureEndpoint === true ? 'https:' : 'http:');
  const there = `${protocol}//${authority(protocol, host, port)}`;
  const peer = { address: socketPath ?? host, port: socketPath === undefined ? Number(port) : null };
  const url = method === 'CONNECT' ? tunnelUrl(path) : ABSOLUTE.test(path) ? path : `${there}${/^[/?]/.test(path) ? '' : '/'}${path}`;
  return { url, ...((socketPath !== undefined || !isWithin(url, there)) && { peer }) };
}

/** An agent's own options win over those of the request. */
function peerOptions({ agent, protocol }: ClientRequest, options: RequestOptions): { host: string; port: string; socketPath: string | undefined } {
  const own = agent?.options ?? {};
  return {
    host: own.host ?? options.host ?? 'localhost',
    port: String(own.port ?? options.port ?? DEFAULT_PORTS[protocol] ?? ''),
    socketPath: own.socketPath ?? options.socketPath ?? undefined,
  };
}

function authority(protocol: string, host: string, port: string): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === '' || port === DEFAULT_PORTS[protocol] ? name : `${name}:${port}`;
}

function tunnelUrl(path: string): string {
  const [, host = path, port = ''] = /^(.*?)(?::(\d+))?$/.exec(path) ?? [];
  const protocol = port === DEFAULT_PORTS['https:'] ? 'https:' : 'http:';
  return `${protocol}//${authority(protocol, host, port)}/`;
}

function isWithin(url: string, origin: string): boolean {
  return url.startsWith(origin) && /^[/?]/.test(url.slice(origin.length));
}
