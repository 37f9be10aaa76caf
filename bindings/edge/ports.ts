import { type Config, type Ports, type ProcessSlot, randomTracer, systemClock } from '../../core/index.ts';
import { lineLogger } from '../adapters/line-logger.ts';
import { openTelemetryTracer } from '../adapters/open-telemetry.ts';
import { webFetch } from '../adapters/web-fetch.ts';

/** The ports by web standards. Nothing runs again after an approval here, and files are nobody's: no digest, no links. */
export function edgePorts({ logger, openTelemetry }: Config, slot: ProcessSlot): Ports {
  return {
    fetch: webFetch(slot),
    clock: systemClock,
    files: { resolve: (path) => path, realPath: async (path) => path, realPathSync: (path) => path },
    tracer: openTelemetry ? openTelemetryTracer : randomTracer,
    // oxlint-disable-next-line no-console -- the one place that every such runtime shows
    logger: logger ?? lineLogger((line) => console.error(line.trimEnd())),
  };
}
