import type { Buffer } from 'node:buffer';
import type { Agent, AgentOptions, ClientRequest as NodeRequest, get, IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';

/** `node:http` or `node:https`, as far as the adapter patches it. */
export interface HttpModule {
  readonly request: typeof request;
  readonly get: typeof get;
  /** Whatever the application has put there. */
  readonly globalAgent: object;
}

/** What of a runtime's modules the adapter works with. */
export interface HttpModules {
  readonly http: HttpModule & { readonly Agent: typeof Agent };
  readonly https: HttpModule;
  readonly Buffer: Pick<typeof Buffer, 'from' | 'concat'>;
}

/** A request, with what agents know of it and no type tells. */
export type ClientRequest = Omit<NodeRequest, 'agent' | 'onSocket'> & {
  agent: HttpAgent | undefined;
  /** The head as it will be sent, once nothing changes it any more. */
  readonly _header?: string | null;
  /** Gives the request its socket; with an error it fails as a connection does. */
  onSocket(socket: Socket | null, error?: unknown): void;
};

/** What a request asks for its connection; `http.Agent` is the best known of them. */
export interface HttpAgent {
  readonly options?: AgentOptions & { readonly host?: string; readonly port?: number; readonly socketPath?: string };
  addRequest(request: ClientRequest, options: RequestOptions): void;
}

/** The options of a request as agents get them: a copy that belongs to that request. */
export interface RequestOptions {
  readonly host?: string | null;
  readonly port?: number | string | null;
  readonly path?: string | null;
  readonly socketPath?: string | null;
  readonly protocol?: string | null;
  /** How agents that are no `http.Agent` tell https, besides looking who called them. */
  readonly secureEndpoint?: boolean;
  readonly agent?: unknown;
  readonly localAddress?: string | undefined;
}

export type { IncomingMessage, Socket };

/**
 * Puts a function of ours on one object in the place of its method, invisible to whoever lists its fields. Returns what
 * takes it off; where somebody has put theirs on top, that stays.
 */
export function override<T extends object, K extends keyof T>(target: T, name: K, value: T[K]): () => void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: false, writable: true });
  return () => {
    if (Object.getOwnPropertyDescriptor(target, name)?.value === value) Reflect.deleteProperty(target, name);
  };
}
