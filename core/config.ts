import { closestName } from './closest-name.ts';
import type { OpenBoxOptions } from './config-options.ts';
import { RULES } from './config-rules.ts';
import type { Resolved, Rule } from './config-rules.ts';
import { OpenBoxConfigError } from './errors.ts';
import { toJson } from './json.ts';
import { maskUrl } from './mask.ts';
import { maskKeys } from './secret.ts';
import type { Secret } from './secret.ts';
import { printable } from './text.ts';

export type { OpenBoxOptions } from './config-options.ts';

/** The options, checked and with their defaults: times in milliseconds, lists of names as sets, the key as a secret. Frozen. */
export interface Config extends Omit<Resolved, 'openboxApiKey'> {
  /** The API key; shown by `reveal()` only. */
  readonly apiKey: Secret;
}

/** The names of all options. */
export const OPTION_NAMES: readonly (keyof OpenBoxOptions)[] = Object.keys(RULES) as (keyof OpenBoxOptions)[];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Checks the options and fills in what they leave out, from `env` and then from the defaults; empty means left out.
 * Throws `OpenBoxConfigError` for an unknown, wrong or missing option, `OpenBoxInsecureURLError` for plain http: to another host.
 */
export function resolveConfig(options: OpenBoxOptions = {}, env: Environment = {}): Config {
  refuseUnknown(options, OPTION_NAMES);
  const resolved = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, resolveOption<unknown>(name, RULES[name], options[name], env)]),
  ) as unknown as Resolved;
  const { openboxApiKey: apiKey, ...rest } = resolved;
  return Object.freeze({ ...rest, apiKey });
}

/** Checks the options that are given, whatever is left out. Throws as `resolveConfig` for an unknown or wrong one. */
export function checkOptions(options: OpenBoxOptions): void {
  refuseUnknown(options, OPTION_NAMES);
  for (const name of OPTION_NAMES) readGiven<unknown>(name, RULES[name], options[name]);
}

/** Undefined where nothing is given. */
function readGiven<T>(name: string, { env, expected, fallback, read }: Rule<T>, given: unknown): T | undefined {
  if (given === undefined || (given === '' && env)) return undefined;
  return read(given) ?? fail(name, `Option ${name}`, given, expected, fallback);
}

function resolveOption<T>(name: string, rule: Rule<T>, given: unknown, env: Environment): T {
  const { env: source, fallback } = rule;
  const read = readGiven(name, rule, given);
  if (read !== undefined) return read;
  const text = (source && env[source.name]) ?? '';
  if (source && text !== '') {
    const value = source.value ? source.value(text) : text;
    return rule.read(value) ?? fail(name, source.name, text, source.expected ?? rule.expected, fallback);
  }
  if (fallback) return fallback.value;
  throw new OpenBoxConfigError(
    `Option ${name} is missing: expected ${rule.expected}; set ${name} or the environment variable ${source?.name}`,
    { option: name },
  );
}

function fail(option: string, where: string, given: unknown, expected: string, fallback: unknown): never {
  const what = option === 'openboxApiKey' ? outline(given) : shown(given);
  const remedy = fallback === undefined ? 'correct it' : 'correct it or leave it out for the default';
  throw new OpenBoxConfigError(`${where} is ${what}: expected ${expected}; ${remedy}`, { option });
}

/** Throws `OpenBoxConfigError` where the options are no object, or one of them has none of these names. */
export function refuseUnknown(options: unknown, names: readonly string[]): asserts options is object {
  if (typeof options !== 'object' || options === null) {
    throw new OpenBoxConfigError(`Options are ${shown(options)}: expected an object; give one with at least what has no default`);
  }
  const name = Object.keys(options).find((key) => !names.includes(key));
  if (name === undefined) return;
  const closest = closestName(name, names);
  const remedy = closest === undefined ? `expected one of ${names.join(', ')}` : `did you mean "${closest}"?`;
  throw new OpenBoxConfigError(`Unknown option "${printable(name, 100)}": ${remedy}`, { option: name });
}

/** A wrong value as the message shows it: never an object's fields, an API key or a URL's credentials. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'an object';
  return printable(maskKeys(toJson(withoutCredentials(value))), 200);
}

function withoutCredentials(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCredentials);
  return typeof value === 'string' ? maskUrl(value) : value;
}

/** A wrong API key is not shown at all: it may be a right one with a slip in it. */
function outline(value: unknown): string {
  if (typeof value !== 'string') return `no text but ${value === null ? 'null' : `a ${typeof value}`}`;
  return /\s/.test(value) ? 'a text with whitespace in it' : `a text of ${value.length} characters`;
}
