import type { Config } from './config.ts';
import type { Logger } from './ports/logger.ts';

/** The logger under this configuration: in observe mode every line says so. */
export function namedLogger(logger: Logger, { mode }: Pick<Config, 'mode'>): Logger {
  if (mode === 'enforce') return logger;
  const at =
    (level: keyof Logger): Logger['info'] =>
    (message, details) =>
      logger[level](`[observe] ${message}`, details);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
