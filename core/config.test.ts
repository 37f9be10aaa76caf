import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { checkOptions, OPTION_NAMES, resolveConfig } from './config.ts';
import type { Config, OpenBoxOptions } from './config.ts';
import { OpenBoxConfigError, OpenBoxInsecureURLError } from './errors.ts';
import { memoryLogger } from './ports/logger.ts';

const KEY = 'obx_test_abc123';
const LOGGER = memoryLogger();
const REQUIRED: OpenBoxOptions = { openboxUrl: 'https://core.example', openboxApiKey: KEY };

/** Options as a JavaScript caller may give them. */
const resolveAny = (options: Readonly<Record<string, unknown>>, env?: Readonly<Record<string, string>>): Config =>
  resolveConfig({ ...REQUIRED, ...options }, env);

const errorOf = (run: () => unknown): OpenBoxConfigError => {
  try {
    run();
  } catch (error) {
    if (error instanceof OpenBoxConfigError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
};

const set = (...names: string[]): ReadonlySet<string> => new Set(names);

const DEFAULTS: Omit<Config, 'apiKey' | 'openboxUrl'> = {
  governanceTimeout: 30_000,
  syncGovernanceTimeout: 5000,
  governancePolicy: 'fail_open',
  validateApiKey: true,
  mode: 'enforce',
  sendStartEvent: true,
  sendActivityStartEvent: true,
  skipWorkflowTypes: set(),
  skipActivityTypes: set('send_governance_event'),
  skipSignals: set(),
  enforceTaskQueues: undefined,
  hitlEnabled: true,
  hitlPollIntervalMs: 5000,
  skipHitlActivityTypes: set(),
  onApprovalExpired: 'fail',
  hookApproval: 'auto',
  maxApprovalRounds: 3,
  fingerprint: undefined,
  instrumentDatabases: true,
  dbLibraries: undefined,
  databases: {},
  instrumentFileIo: true,
  ignoredUrlPrefixes: [],
  maxBodySize: 65_536,
  maxAnswerBytes: 4_194_304,
  captureFileContent: false,
  captureStatementValues: false,
  unattributed: 'report',
  strict: false,
  openTelemetry: true,
  logger: undefined,
};

test('every option has its default (fault: files-off-by-default)', () => {
  const { apiKey, openboxUrl, ...rest } = resolveConfig(REQUIRED);
  expect(rest).toEqual(DEFAULTS);
  expect(openboxUrl).toBe('https://core.example');
  expect(apiKey.reveal()).toBe(KEY);
});

test('an option of undefined is left out', () => {
  const none = Object.fromEntries(OPTION_NAMES.map((name) => [name, undefined]));
  const { apiKey: _key, openboxUrl: _url, ...rest } = resolveConfig({ ...none, ...REQUIRED });
  expect(rest).toEqual(DEFAULTS);
});

test('names every option once', () => {
  expect(OPTION_NAMES.toSorted()).toEqual(['openboxUrl', 'openboxApiKey', ...Object.keys(DEFAULTS)].toSorted());
});

const flags = ['validateApiKey', 'sendStartEvent', 'sendActivityStartEvent', 'hitlEnabled', 'instrumentDatabases', 'instrumentFileIo', 'captureFileContent', 'captureStatementValues', 'strict', 'openTelemetry'] as const;
const lists = ['skipWorkflowTypes', 'skipSignals', 'skipHitlActivityTypes', 'enforceTaskQueues', 'dbLibraries'] as const;
const words = {
  governancePolicy: ['fail_open', 'fail_closed'],
  mode: ['enforce', 'observe'],
  onApprovalExpired: ['fail', 'halt'],
  hookApproval: ['auto', 'rerun', 'wait'],
  unattributed: ['allow', 'report', 'deny'],
} as const;

const GOOD: readonly (readonly [keyof OpenBoxOptions, unknown, unknown])[] = [
  ...flags.flatMap((name) => [true, false].map((value) => [name, value, value] as const)),
  ...lists.map((name) => [name, ['a', 'b', 'a'], set('a', 'b')] as const),
  ...Object.entries(words).flatMap(([name, values]) => values.map((value) => [name as keyof typeof words, value, value] as const)),
  ['skipActivityTypes', ['a'], set('a', 'send_governance_event')],
  ['skipActivityTypes', [], set('send_governance_event')],
  ['skipSignals', [], set()],
  ['dbLibraries', [], set()],
  ['databases', { pg: LOGGER }, { pg: LOGGER }],
  ['governanceTimeout', '10s', 10_000],
  ['governanceTimeout', 0.5, 0.5],
  ['governanceTimeout', '10 minutes', 600_000],
  ['syncGovernanceTimeout', 600_000, 600_000],
  ['hitlPollIntervalMs', 1, 1],
  ['hitlPollIntervalMs', '1 day', 86_400_000],
  ['maxApprovalRounds', 1, 1],
  ['maxApprovalRounds', 1000, 1000],
  ['maxBodySize', 0, 0],
  ['maxBodySize', 8_388_608, 8_388_608],
  ['maxAnswerBytes', 1, 1],
  ['maxAnswerBytes', 1_073_741_824, 1_073_741_824],
  ['ignoredUrlPrefixes', ['http://Metrics.example:80/a b?x=1', 'https://h'], ['http://metrics.example/a%20b?x=1', 'https://h/']],
  ['logger', LOGGER, LOGGER],
  ['openboxUrl', 'https://core.example/', 'https://core.example'],
  ['openboxUrl', 'https://core.example:8443/base///', 'https://core.example:8443/base'],
  ['openboxUrl', 'HTTPS://Core.Example:443', 'https://core.example'],
  ['openboxUrl', 'http://localhost:8086', 'http://localhost:8086'],
  ['openboxUrl', 'http://127.0.0.1:8086/', 'http://127.0.0.1:8086'],
  ['openboxUrl', 'http://[::1]:8086', 'http://[::1]:8086'],
];

test.each(GOOD)('%s takes %o (fault: skip-list-replaces-default)', (name, given, value) => {
  expect({ ...resolveAny({ [name]: given }) }[name as keyof Config]).toEqual(value);
});

const BAD: readonly (readonly [keyof OpenBoxOptions, readonly unknown[]])[] = [
  ...flags.map((name) => [name, ['true', 1, 0, null, '']] as const),
  ...[...lists, 'skipActivityTypes' as const].map((name) => [name, ['a', '', ['a', ''], [1], [undefined], null, set('a'), {}]] as const),
  ...Object.keys(words).map((name) => [name as keyof typeof words, ['no', 'FAIL', ' fail', null, true, ['fail']]] as const),
  ...(['governanceTimeout', 'syncGovernanceTimeout', 'hitlPollIntervalMs'] as const).map(
    (name) => [name, [0, -1, NaN, Infinity, '0s', 'soon', null, true, '2 days']] as const,
  ),
  ['databases', [null, 'pg', [LOGGER], { pg: 'pg' }, { pg: null }]],
  ['governanceTimeout', [600_001, '11m']],
  ['syncGovernanceTimeout', [600_001]],
  ['hitlPollIntervalMs', [0.5, 86_400_001]],
  ['enforceTaskQueues', [[]]],
  ['maxApprovalRounds', [0, 1001, 1.5, '3', null, 3n]],
  ['maxBodySize', [-1, 8_388_609, 0.5, NaN, '1']],
  ['maxAnswerBytes', [0, 1_073_741_825]],
  ['ignoredUrlPrefixes', ['https://h', ['h'], ['/a'], ['ftp://h'], ['https://u:p@h'], ['https://h#'], ['https://h#a'], [1], null]],
  ['logger', [null, 'console', {}, { info: () => {}, warn: () => {} }, () => {}]],
  ['openboxUrl', ['core.example', '/a', 'ftp://h', 'https://', 'https://u@h', 'https://:p@h', 'https://h?', 'https://h?a=1', 'https://h#', 7, null]],
  ['openboxApiKey', ['abc', 'obx_live_', 'obx_prod_a', 'obx_live_a b', ' obx_live_a', 'obx_live_a\n', 7, null]],
];

test.each(BAD)('%s refuses what is wrong', (name, values) => {
  for (const value of values) {
    // Empty means left out where there is an environment variable: here that is the default.
    if (value === '' && name === 'governancePolicy') continue;
    const error = errorOf(() => resolveAny({ [name]: value }));
    expect(error).toMatchObject({ code: 'OPENBOX_CONFIG_INVALID', option: name });
    expect(error.message).toMatch(new RegExp(`^Option ${name} is .+: expected .+; correct it`, 's'));
  }
});

test('the message says what was given, what was expected and what to do', () => {
  expect(errorOf(() => resolveAny({ mode: 'Observe' })).message).toBe(
    'Option mode is "Observe": expected "enforce" or "observe"; correct it or leave it out for the default',
  );
  expect(errorOf(() => resolveAny({ maxBodySize: NaN })).message).toBe(
    'Option maxBodySize is NaN: expected a whole number from 0 to 8388608; correct it or leave it out for the default',
  );
  expect(errorOf(() => resolveAny({ logger: () => {} })).message).toContain('Option logger is a function: expected');
  expect(errorOf(() => resolveAny({ strict: { secret: 'hunter2' } })).message).toContain('Option strict is an object: expected');
});

test.each(['http://core.example', 'http://0.0.0.0', 'http://localhost.example', 'http://127.0.0.2:8086', 'http://core.example/base'])(
  'refuses plain http to %s',
  (openboxUrl) => {
    const error = errorOf(() => resolveAny({ openboxUrl }));
    expect(error).toBeInstanceOf(OpenBoxInsecureURLError);
    expect(error).toMatchObject({ code: 'OPENBOX_URL_INSECURE', option: 'openboxUrl' });
  },
);

test.each([
  ['a missing URL', {}, { OPENBOX_API_KEY: KEY }, 'openboxUrl', 'OPENBOX_URL'],
  ['an empty URL', { openboxUrl: '' }, { OPENBOX_URL: '', OPENBOX_API_KEY: KEY }, 'openboxUrl', 'OPENBOX_URL'],
  ['a missing key', { openboxUrl: 'https://h' }, {}, 'openboxApiKey', 'OPENBOX_API_KEY'],
])('names option and variable for %s', (_, options: OpenBoxOptions, env: Record<string, string>, option, variable) => {
  const error = errorOf(() => resolveConfig(options, env));
  expect(error.option).toBe(option);
  expect(error.message).toContain(`Option ${option} is missing: expected `);
  expect(error.message).toContain(`set ${option} or the environment variable ${variable}`);
});

const ENV = {
  OPENBOX_URL: 'https://env.example/',
  OPENBOX_API_KEY: 'obx_live_env',
  OPENBOX_GOVERNANCE_TIMEOUT: '1.5',
  OPENBOX_GOVERNANCE_POLICY: 'fail_closed',
};

test('takes from the environment what is left out or empty', () => {
  const expected = { openboxUrl: 'https://env.example', governanceTimeout: 1500, governancePolicy: 'fail_closed' };
  for (const options of [{}, { openboxUrl: '', openboxApiKey: '', governanceTimeout: '' }]) {
    const config = resolveConfig(options, ENV);
    expect(config).toMatchObject(expected);
    expect(config.apiKey.reveal()).toBe('obx_live_env');
  }
});

test('an option wins over the environment, even over a wrong one', () => {
  const options: OpenBoxOptions = { ...REQUIRED, governanceTimeout: '2s', governancePolicy: 'fail_open' };
  for (const env of [ENV, { OPENBOX_URL: 'x', OPENBOX_API_KEY: 'x', OPENBOX_GOVERNANCE_TIMEOUT: 'x', OPENBOX_GOVERNANCE_POLICY: 'x' }]) {
    expect(resolveConfig(options, env)).toMatchObject({ openboxUrl: 'https://core.example', governanceTimeout: 2000, governancePolicy: 'fail_open' });
  }
});

test('empty variables are unset', () => {
  expect(resolveConfig(REQUIRED, { OPENBOX_GOVERNANCE_TIMEOUT: '', OPENBOX_GOVERNANCE_POLICY: '' })).toMatchObject({
    governanceTimeout: 30_000,
    governancePolicy: 'fail_open',
  });
});

test.each(['0', '-1', '601', '30s', '1e2', ' 5', 'soon', 'NaN'])('OPENBOX_GOVERNANCE_TIMEOUT refuses %j', (text) => {
  expect(errorOf(() => resolveConfig(REQUIRED, { OPENBOX_GOVERNANCE_TIMEOUT: text })).message).toBe(
    `OPENBOX_GOVERNANCE_TIMEOUT is "${text}": expected seconds, more than 0 and at most 600; correct it or leave it out for the default`,
  );
});

test('no other variable is read', () => {
  expect(resolveConfig(REQUIRED, { OPENBOX_MODE: 'observe', mode: 'observe' }).mode).toBe('enforce');
});

test.each([
  ['openbox_url', 'did you mean "openboxUrl"?'],
  ['governanceTimout', 'did you mean "governanceTimeout"?'],
  ['temperature', 'expected one of openboxUrl, openboxApiKey, '],
  ['constructor', 'expected one of '],
  ['__proto__', 'expected one of '],
])('an unknown option "%s" is refused: %s', (name, remedy) => {
  const options: Record<string, unknown> = { ...REQUIRED };
  Object.defineProperty(options, name, { value: undefined, enumerable: true });
  const error = errorOf(() => resolveConfig(options));
  expect(error.message).toContain(`Unknown option "${name}": ${remedy}`);
  expect(error.option).toBe(name);
});

test('no message shows a key, a credential or a control character', () => {
  const attempts: Record<string, unknown>[] = [
    { openboxApiKey: 'obx_live_hunter2!' },
    { openboxApiKey: 'hunter2' },
    { openboxApiKey: { key: 'hunter2' } },
    { openboxUrl: 'https://user:hunter2@core.example' },
    { openboxUrl: 'https://core.example?token=hunter2' },
    { openboxUrl: 'http://core.example/obx_live_hunter2' },
    { openboxUrl: 'obx_live_hunter2' },
    { mode: 'obx_live_hunter2' },
    { ignoredUrlPrefixes: ['https://u:hunter2@h', 'https://h?api_key=hunter2#'] },
    { logger: { token: 'hunter2' } },
    { governanceTimeout: 'obx_test_hunter2\u001b[31m\n' },
  ];
  for (const options of attempts) {
    const error = errorOf(() => resolveAny(options));
    expect(inspect(error)).not.toContain('hunter2');
    expect(error.message).not.toMatch(/\p{Cc}/u);
  }
  expect(errorOf(() => resolveConfig(REQUIRED, { OPENBOX_GOVERNANCE_POLICY: 'obx_live_hunter2' })).message).not.toContain('hunter2');
});

test('the configuration is frozen and does not show its key', () => {
  const given = ['a'];
  const config = resolveConfig({ ...REQUIRED, skipSignals: given, ignoredUrlPrefixes: ['https://h/'] });
  given.push('b');
  expect([...config.skipSignals]).toEqual(['a']);
  expect(Object.isFrozen(config) && Object.isFrozen(config.ignoredUrlPrefixes)).toBe(true);
  expect(Object.keys(config)).not.toContain('openboxApiKey');
  for (const shown of [inspect(config, { depth: 9, showHidden: true }), JSON.stringify(config)]) expect(shown).not.toContain(KEY);
});

test.each([null, 'text', 5, () => undefined])('options that are no object (%s) are refused', (given) => {
  const error = errorOf(() => resolveConfig(given as unknown as OpenBoxOptions));
  expect(error.code).toBe('OPENBOX_CONFIG_INVALID');
  expect(error.message).toContain('expected an object');
});

test('what is given is checked, whatever is missing', () => {
  checkOptions({});
  checkOptions({ openboxUrl: '', governanceTimeout: '5s' });
  expect(errorOf(() => checkOptions({ openboxApiKey: 'secret' })).option).toBe('openboxApiKey');
  expect(errorOf(() => checkOptions({ governanceTimout: 1 } as object)).message).toContain('did you mean "governanceTimeout"?');
});
