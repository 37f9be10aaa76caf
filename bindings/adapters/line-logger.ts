import { type Logger, toJson } from '../../core/index.ts';

/** The logger where none is given: one line for each message. */
export function lineLogger(write: (line: string) => void): Logger {
  const at =
    (level: keyof Logger): Logger['info'] =>
    (message, details) =>
      write(`[openbox] ${level}: ${message}${details === undefined ? '' : ` ${toJson(details)}`}\n`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
