/** A text that shows itself to `reveal()` only: string conversion, JSON and inspect give a mask (Contract §1). */
export interface Secret {
  /** The text itself. */
  reveal(): string;
}

/** Wraps the text. An API key is masked as `obx_live_…`, anything else as `[REDACTED]`. */
export function secret(value: string): Secret {
  const masked = (): string => (API_KEY.test(value) ? maskKeys(value) : '[REDACTED]');
  const methods: Readonly<Record<PropertyKey, () => string>> = {
    reveal: () => value,
    toString: masked,
    toJSON: masked,
    [Symbol.for('nodejs.util.inspect.custom')]: masked,
    [Symbol.for('Deno.customInspect')]: masked,
  };
  // Not enumerable: a spread or a clone takes nothing along, and a tool that lists fields finds none.
  const hidden: Record<PropertyKey, PropertyDescriptor> = {};
  for (const name of Reflect.ownKeys(methods)) hidden[name] = { value: methods[name] };
  return Object.freeze(Object.defineProperties({}, hidden)) as Secret;
}

/** An API key (Contract §1). */
export const API_KEY: RegExp = /^obx_(live|test)_[a-zA-Z0-9_]+$/;

/** The text with every API key in it masked. */
export function maskKeys(text: string): string {
  return text.replace(/(obx_(?:live|test)_)\w+/gi, '$1…');
}
