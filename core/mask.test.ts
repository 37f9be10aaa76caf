import { expect, test } from 'vitest';
import { isCredentialName, MASK, maskHeaders, maskUrl } from './mask.ts';

test.each([
  'Authorization',
  'proxy-authorization',
  'X-Auth',
  'X-Vault-Token',
  'CSRF_TOKEN',
  'client_secret',
  'x-api-key',
  'apikey',
  'Cookie',
  'Set-Cookie',
  'x-amz-credential',
  'connection-string',
  'Connection_String',
  'connectionString',
  'password',
  'passwd',
])('%s names a credential', (name) => {
  expect(isCredentialName(name)).toBe(true);
});

test.each(['accept', 'content-type', 'connection', 'user-agent', 'x-request-id', 'signature', 'q', ''])('%j does not', (name) => {
  expect(isCredentialName(name)).toBe(false);
});

test('masks credential headers and the URLs in others, in a copy', () => {
  const headers = Object.freeze({
    Authorization: 'Bearer abc',
    'set-cookie': 'sid=1',
    accept: 'text/html?token=abc',
    Location: 'https://u:p@h/a?token=abc&q=1',
    'content-location': '/a?key=abc',
    referer: 'https://h/?secret=abc#x',
    ':path': '/a?access_token=abc',
    ':authority': 'h',
  });
  expect(maskHeaders(headers)).toEqual({
    Authorization: MASK,
    'set-cookie': MASK,
    accept: 'text/html?token=abc',
    Location: `https://${MASK}@h/a?token=${MASK}&q=1`,
    'content-location': `/a?key=${MASK}`,
    referer: `https://h/?secret=${MASK}#x`,
    ':path': `/a?access_token=${MASK}`,
    // "auth" in a name is a credential, whatever else it may be.
    ':authority': MASK,
  });
  expect(headers.Authorization).toBe('Bearer abc');
});

test('a header named __proto__ is a header', () => {
  const headers = JSON.parse('{"__proto__":"a","x-token":"b"}') as Record<string, string>;
  expect(Object.entries(maskHeaders(headers))).toEqual([
    ['__proto__', 'a'],
    ['x-token', MASK],
  ]);
});

test.each([
  'https://h/',
  'https://h/a@b',
  'https://h/?q=a@b&page=2#top',
  'https://h/a?x',
  '/relative?page=1',
  'mailto:a@b',
  '',
  'no URL at all',
  'https://h/token=abc/x',
])('leaves %j as it is', (url) => {
  expect(maskUrl(url)).toBe(url);
});

test.each([
  ['https://user:pass@h:8443/a', `https://${MASK}@h:8443/a`],
  ['https://user@h', `https://${MASK}@h`],
  ['https://:pass@h/', `https://${MASK}@h/`],
  ['https://a@b@h/', `https://${MASK}@h/`],
  ['wss://u:p@h/', `wss://${MASK}@h/`],
  ['postgresql://u:p@h/db', `postgresql://${MASK}@h/db`],
  ['//u:p@h/', `//${MASK}@h/`],
  ['HTTPS:\\\\u:p@h/', `HTTPS:\\\\${MASK}@h/`],
  ['https:u:p@h/', `https:${MASK}@h/`],
  ['https:////u:p@h/', `https:////${MASK}@h/`],
  [' https://u:p@h/', ` https://${MASK}@h/`],
  ['ht\ntps://u:\tp@h/', `https://${MASK}@h/`],
])('masks the userinfo of %j', (url, masked) => {
  expect(maskUrl(url)).toBe(masked);
});

test.each([
  ['https://h/?token=abc', `https://h/?token=${MASK}`],
  ['https://h/?a=1&API_KEY=abc&b=2', `https://h/?a=1&API_KEY=${MASK}&b=2`],
  ['https://h/?token=', `https://h/?token=${MASK}`],
  ['https://h/?token=a=b&c=d', `https://h/?token=${MASK}&c=d`],
  ['https://h/?token=a?b', `https://h/?token=${MASK}`],
  ['https://h/?X-Amz-Signature=abc&X-Amz-Date=1', `https://h/?X-Amz-Signature=${MASK}&X-Amz-Date=1`],
  ['https://h/#access_token=abc&state=1', `https://h/#access_token=${MASK}&state=1`],
  ['https://h/?a=1#id_token=abc', `https://h/?a=1#id_token=${MASK}`],
  ['https://h/?%74oken=abc', `https://h/?%74oken=${MASK}`],
  ['https://h/?t%6Fk%65n=abc', `https://h/?t%6Fk%65n=${MASK}`],
  ['https://h/?%E0%A4token=abc', `https://h/?%E0%A4token=${MASK}`],
  ['https://h/?to\nken=abc', `https://h/?token=${MASK}`],
  ['https://h/?filter[secret]=abc', `https://h/?filter[secret]=${MASK}`],
  ['?password=abc', `?password=${MASK}`],
])('masks the parameters of %j', (url, masked) => {
  expect(maskUrl(url)).toBe(masked);
});

test('what a URL parser takes for credentials never gets through', () => {
  const slashes = ['//', '\\\\', '/\\', '', '/', '///'];
  const urls = slashes.flatMap((slash) => ['', ' ', '\t'].map((before) => `${before}https:${slash}user:hidden@h/?token=hidden`));
  for (const url of urls) {
    expect(new URL(url).password).toBe('hidden');
    expect(maskUrl(url)).not.toContain('hidden');
    expect(new URL(maskUrl(url)).host).toBe('h');
  }
});

test('takes long odd texts in linear time', () => {
  const length = 1e6;
  for (const url of ['https://' + 'a'.repeat(length), '?' + '&'.repeat(length), '?' + 'a='.repeat(length), '@'.repeat(length), ' '.repeat(length)]) {
    expect(maskUrl(url)).toHaveLength(url.length);
  }
});
