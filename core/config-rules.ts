import type { OpenBoxOptions } from './config-options.ts';
import { parseDuration } from './duration.ts';
import { OpenBoxInsecureURLError } from './errors.ts';
import { EVENT_ACTIVITY } from './event.ts';
import { isRecord } from './is-record.ts';
import { maskUrl } from './mask.ts';
import type { Operation } from './operation.ts';
import type { Logger } from './ports/logger.ts';
import { API_KEY, maskKeys, secret } from './secret.ts';
import type { Secret } from './secret.ts';

/** The options that are another type once they are read: durations are milliseconds, lists of names are sets. */
interface Converted {
  readonly openboxApiKey: Secret;
  readonly governanceTimeout: number;
  readonly syncGovernanceTimeout: number;
  readonly hitlPollIntervalMs: number;
  readonly skipWorkflowTypes: ReadonlySet<string>;
  readonly skipActivityTypes: ReadonlySet<string>;
  readonly skipSignals: ReadonlySet<string>;
  readonly skipHitlActivityTypes: ReadonlySet<string>;
  readonly enforceTaskQueues: ReadonlySet<string> | undefined;
  readonly dbLibraries: ReadonlySet<string> | undefined;
  readonly fingerprint: ((operation: Operation) => unknown) | undefined;
  readonly logger: Logger | undefined;
}

type Kept = {
  readonly [K in Exclude<keyof OpenBoxOptions, keyof Converted>]-?: Exclude<OpenBoxOptions[K], undefined>;
};

/** Every option, read and with its default. */
export type Resolved = Converted & Kept;

/** How one option is read. */
export interface Rule<T> {
  /** The option's value from what was given; undefined where that is wrong. */
  readonly read: (given: unknown) => T | undefined;
  /** What would have been right, for the error. */
  readonly expected: string;
  /** The environment variable that stands in for the option, with what its text says and what it should. */
  readonly env?: {
    readonly name: string;
    readonly value?: (text: string) => unknown;
    readonly expected?: string;
  };
  /** The default; an option without one is required. */
  readonly fallback?: { readonly value: T };
}

const MINUTE = 60_000;
const MIB = 1024 * 1024;

/** The rule of every option. */
export const RULES: { readonly [K in keyof Resolved]: Rule<Resolved[K]> } = {
  openboxUrl: {
    read: coreUrl,
    expected:
      'an absolute https: URL without credentials, query and fragment (http: for localhost, 127.0.0.1 and [::1] only)',
    env: { name: 'OPENBOX_URL' },
  },
  openboxApiKey: {
    read: (value) => (typeof value === 'string' && API_KEY.test(value) ? secret(value) : undefined),
    expected: '"obx_live_" or "obx_test_" and then letters, digits and "_", without whitespace',
    env: { name: 'OPENBOX_API_KEY' },
  },
  governanceTimeout: {
    ...duration(30_000, 10 * MINUTE, '10 minutes'),
    env: {
      name: 'OPENBOX_GOVERNANCE_TIMEOUT',
      value: (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : NaN),
      expected: 'seconds, more than 0 and at most 600',
    },
  },
  syncGovernanceTimeout: duration(5000, 10 * MINUTE, '10 minutes'),
  governancePolicy: { ...oneOf('fail_open', 'fail_closed'), env: { name: 'OPENBOX_GOVERNANCE_POLICY' } },
  validateApiKey: flag(true),
  mode: oneOf('enforce', 'observe'),
  sendStartEvent: flag(true),
  sendActivityStartEvent: flag(true),
  skipWorkflowTypes: names(),
  skipActivityTypes: names(EVENT_ACTIVITY),
  skipSignals: names(),
  // An empty list would govern nothing, which nobody means who installs this.
  enforceTaskQueues: optional(
    names(),
    (queues) => queues.size > 0,
    'a list of one name or more (leave it out for all)',
  ),
  hitlEnabled: flag(true),
  hitlPollIntervalMs: duration(5000, 24 * 60 * MINUTE, '1 day', 1),
  skipHitlActivityTypes: names(),
  onApprovalExpired: oneOf('fail', 'halt'),
  hookApproval: oneOf('auto', 'rerun', 'wait'),
  maxApprovalRounds: count(3, 1, 1000),
  fingerprint: {
    read: (value) => (typeof value === 'function' ? (value as (operation: Operation) => unknown) : undefined),
    expected: 'a function that is given an operation and returns what it is the same by',
    fallback: { value: undefined },
  },
  instrumentDatabases: flag(true),
  dbLibraries: optional(names()),
  databases: {
    read: (value) => (isRecord(value) && Object.values(value).every(isObject) ? Object.freeze({ ...value } as Record<string, object>) : undefined),
    expected: 'an object with the modules of drivers by the names of their packages',
    fallback: { value: Object.freeze({}) },
  },
  instrumentFileIo: flag(true),
  ignoredUrlPrefixes: {
    read: (value) => all(value, prefixUrl),
    expected: 'a list of absolute http: or https: URLs without credentials and fragment',
    fallback: { value: [] },
  },
  // Core is asked with at most 8 MiB (json.ts).
  maxBodySize: count(65_536, 0, 8 * MIB),
  maxAnswerBytes: count(4 * MIB, 1, 1024 * MIB),
  captureFileContent: flag(false),
  captureStatementValues: flag(false),
  unattributed: { ...oneOf('allow', 'report', 'deny'), fallback: { value: 'report' } },
  strict: flag(false),
  openTelemetry: flag(true),
  logger: {
    read: (value) => (isLogger(value) ? value : undefined),
    expected: 'an object with the functions info, warn and error',
    fallback: { value: undefined },
  },
};

function flag(value: boolean): Rule<boolean> {
  return {
    read: (given) => (typeof given === 'boolean' ? given : undefined),
    expected: 'true or false',
    fallback: { value },
  };
}

/** One of the words; the first is the default. */
function oneOf<Word extends string>(...words: readonly [Word, ...Word[]]): Rule<Word> {
  return {
    read: (given) => words.find((word) => word === given),
    expected: words.map((word) => `"${word}"`).join(' or '),
    fallback: { value: words[0] },
  };
}

function duration(value: number, max: number, maxText: string, min = 0): Rule<number> {
  return {
    read: (given) => {
      const ms = parseDuration(given);
      return ms !== undefined && ms > 0 && ms >= min && ms <= max ? ms : undefined;
    },
    expected: `milliseconds or a text such as "30s", more than 0 and at most ${maxText}`,
    fallback: { value },
  };
}

function count(value: number, min: number, max: number): Rule<number> {
  return {
    read: (given) =>
      typeof given === 'number' && Number.isInteger(given) && given >= min && given <= max ? given : undefined,
    expected: `a whole number from ${min} to ${max}`,
    fallback: { value },
  };
}

function names(...always: readonly string[]): Rule<ReadonlySet<string>> {
  return {
    read: (given) => {
      const list = all(given, (name) => (typeof name === 'string' && name !== '' ? name : undefined));
      return list && new Set([...list, ...always]);
    },
    expected: 'a list of names',
    fallback: { value: new Set(always) },
  };
}

/** The rule for an option that may be left out, with a further condition. */
function optional<T>(
  rule: Rule<T>,
  fits: (value: T) => boolean = () => true,
  expected: string = rule.expected,
): Rule<T | undefined> {
  return {
    read: (given) => {
      const value = rule.read(given);
      return value !== undefined && fits(value) ? value : undefined;
    },
    expected,
    fallback: { value: undefined },
  };
}

/** A list of what was read, if every item is right. */
function all<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(read).filter((item) => item !== undefined);
  return items.length === value.length ? Object.freeze(items) : undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isLogger(value: unknown): value is Logger {
  if (typeof value !== 'object' || value === null) return false;
  const { info, warn, error } = value as Partial<Logger>;
  return [info, warn, error].every((method) => typeof method === 'function');
}

const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Core's address without its trailing slashes. Throws `OpenBoxInsecureURLError` for plain http: to another host (Contract §1). */
function coreUrl(value: unknown): string | undefined {
  const url = webUrl(value);
  // By href: `search` is empty for a bare "?".
  if (url === undefined || url.href.includes('?')) return undefined;
  if (url.protocol === 'http:' && !LOCAL.has(url.hostname)) {
    throw new OpenBoxInsecureURLError(
      `Option openboxUrl is "${maskKeys(maskUrl(url.href))}": plain http: would send the API key readable to "${url.hostname}"; use https:, or http: with localhost, 127.0.0.1 or [::1]`,
      { option: 'openboxUrl' },
    );
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

function prefixUrl(value: unknown): string | undefined {
  return webUrl(value)?.href;
}

function webUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const plain = url.username === '' && url.password === '' && !url.href.includes('#');
  return plain && /^https?:$/.test(url.protocol) ? url : undefined;
}
