import { expect, test } from 'vitest';
import type { ClientRequest, HttpAgent, RequestOptions } from './http-module.ts';
import { type Target, targetOf } from './http-target.ts';

const target = (options: RequestOptions, path: string, { method = 'GET', protocol = 'http:', agent = {} } = {}): Target =>
  targetOf({ protocol, agent: agent as HttpAgent } as ClientRequest, options, method, path);

const via = (address: string, port: number | null = 80): NonNullable<Target['peer']> => ({ address, port });

test.each<[string, Target, Target]>([
  ['host and path', target({ host: 'a.test', port: 80 }, '/x?y'), { url: 'http://a.test/x?y' }],
  ['a port', target({ host: 'a.test', port: '8080' }, '/'), { url: 'http://a.test:8080/' }],
  ['https', target({ host: 'a.test', port: 443 }, '/', { protocol: 'https:' }), { url: 'https://a.test/' }],
  ['no port', target({ host: 'a.test' }, '/', { protocol: 'https:' }), { url: 'https://a.test/' }],
  ['IPv6', target({ host: '::1', port: 81 }, '/'), { url: 'http://[::1]:81/' }],
  ['nothing', target({}, '/'), { url: 'http://localhost/' }],
  ['a path without a slash', target({ host: 'a.test' }, '*', { method: 'OPTIONS' }), { url: 'http://a.test/*' }],
  ['two slashes', target({ host: 'a.test' }, '//b.test/x'), { url: 'http://a.test//b.test/x' }],
  ['dots, as they are sent', target({ host: 'a.test' }, '/a/../b'), { url: 'http://a.test/a/../b' }],
  ['a proxy', target({ host: 'proxy.test' }, 'http://a.test/x'), { url: 'http://a.test/x', peer: via('proxy.test') }],
  ['its own URL', target({ host: 'a.test' }, 'http://a.test/x'), { url: 'http://a.test/x' }],
  ['a name that only begins alike', target({ host: 'a.test' }, 'http://a.test.evil/'), { url: 'http://a.test.evil/', peer: via('a.test') }],
  ['a tunnel', target({ host: 'p.test' }, 'a.test:443', { method: 'CONNECT' }), { url: 'https://a.test/', peer: via('p.test') }],
  ['a tunnel to another port', target({ host: 'p.test' }, '[::1]:81', { method: 'CONNECT' }), { url: 'http://[::1]:81/', peer: via('p.test') }],
  ['a socket file', target({ host: 'a.test', socketPath: '/run/s' }, '/x'), { url: 'http://a.test/x', peer: via('/run/s', null) }],
  ['an agent of one host', target({ host: 'a.test' }, '/', { agent: { options: { host: 'b.test', port: 9 } } }), { url: 'http://b.test:9/' }],
])('%s', (_, got, wanted) => {
  expect(got).toEqual(wanted);
});
