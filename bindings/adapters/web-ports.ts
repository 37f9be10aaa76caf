import { type Config, type Fetch, type Ports, randomTracer, systemClock } from '../../core/index.ts';
import { lineLogger } from './line-logger.ts';

/** The ports of a runtime by web standards, beside what each has to bring itself. */
export function webPorts({ logger }: Config, own: Pick<Ports, 'digest' | 'files'>): Ports {
  return {
    ...own,
    fetch: unpatchedFetch(),
    clock: systemClock,
    tracer: randomTracer,
    // oxlint-disable-next-line no-console -- the one place that every runtime shows
    logger: logger ?? lineLogger((line) => console.error(line.trimEnd())),
  };
}

/** The global `fetch` as it is now: what is patched later is not for traffic to Core. */
function unpatchedFetch(): Fetch {
  const { fetch } = globalThis;
  return async (url, init) => {
    const response = await fetch(url, init);
    return { status: response.status, headers: response.headers, body: response.body };
  };
}
