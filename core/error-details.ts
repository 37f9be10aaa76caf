import { printable } from './text.ts';

export interface ErrorDetails {
  /** The class name. */
  readonly type: string;
  readonly message: string;
}

/** An error as an event shows it, whatever was thrown. Total: a hostile error never hides the event. */
export function errorDetails(error: unknown): ErrorDetails {
  try {
    if (!(error instanceof Error)) return { type: typeof error, message: printable(String(error)) };
    const name: unknown = error.name === 'Error' ? error.constructor.name : error.name;
    const type = typeof name === 'string' && name !== '' ? printable(name, 200) : 'Error';
    return { type, message: printable(error.message) };
  } catch {
    return { type: 'Error', message: '[Unreadable error]' };
  }
}
