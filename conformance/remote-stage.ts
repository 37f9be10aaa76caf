import { createHandle } from './local-core/handle.ts';
import { SITE_CONTROL } from './site.ts';
import { type Stage, STAGE_KEY } from './stage.ts';

/** As it is before anything is patched: the stage is not what is tested. */
const { fetch } = globalThis;

/** Where a stage that runs elsewhere is reached. */
export interface StageAddress {
  readonly coreUrl: string;
  readonly siteUrl: string;
}

/** The stage of a runtime that can start nothing itself: Core and site run in another process, and there are neither files nor `node:http`. */
export function connectStage({ coreUrl, siteUrl }: StageAddress): Stage {
  const site = (method: string, action: string): Promise<unknown> => send(method, `${siteUrl}${SITE_CONTROL}/${action}`);
  return {
    core: createHandle({
      url: coreUrl,
      apiKey: STAGE_KEY,
      call: (method, path, body) => send(method, coreUrl + path, body),
      close: async () => {},
    }),
    site: {
      url: siteUrl,
      hits: async () => (await site('GET', 'hits')) as readonly string[],
      lastBody: async () => (await site('GET', 'last-body')) as string,
      releaseStream: async () => void (await site('POST', 'release')),
      clear: async () => void (await site('POST', 'clear')),
    },
    get http() {
      return absent('http');
    },
    disk: new Proxy({} as Stage['disk'], { get: (_, name) => absent(String(name)) }),
    openFolder: () => ({ folder: '/', remove: () => {} }),
    [Symbol.asyncDispose]: async () => {},
  };
}

function absent(name: string): never {
  throw new Error(`"${name}" was used where only fetch is`);
}

async function send(method: string, url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const json = (await response.json()) as unknown;
  if (response.status !== 200) throw new Error((json as { readonly error?: string }).error ?? `HTTP ${response.status}`);
  return json;
}
