import { EventEmitter, once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { at, BLOCK, type Site, startHttp, startSite } from './test-support.ts';

let site: Site;
beforeAll(async () => {
  site = await startSite(({ url, body }, response) => response.end(body === '' ? url : body));
});
afterAll(() => site.close());
afterEach(() => void (site.hits.length = 0));

async function answer(request: http.ClientRequest): Promise<string> {
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  return text(message);
}

/** An agent that knows nothing of `http.Agent`. */
class OwnAgent extends EventEmitter {
  readonly #connected: unknown[] = [];
  seen: unknown;

  get connected(): number {
    return this.#connected.length;
  }

  addRequest(request: http.ClientRequest & { agent?: unknown }, options: net.TcpNetConnectOpts & { secureEndpoint?: boolean }): void {
    this.seen = [options.secureEndpoint, request.agent === this];
    this.#connected.push(options.port);
    request.onSocket(net.connect({ host: options.host ?? '', port: options.port }));
  }
}

const own = (): OwnAgent => new OwnAgent();

describe('an agent that is no http.Agent', () => {
  test('is asked for a connection once its request is allowed', async () => {
    const world = startHttp();
    const agent = own();
    const body = await world.activity(() => {
      const request = http.request(site.url, { agent: agent as unknown as http.Agent, method: 'POST' });
      return answer(request.end('sent'));
    });
    expect([body, agent.connected, agent.seen]).toEqual(['sent', 1, [false, true]]);
    expect(world.asked()).toMatchObject([{ span: { http_url: `${site.url}/`, request_body: 'sent' } }, { span: { response_body: 'sent' } }]);
  });

  test('is not asked where it is blocked', async () => {
    const before = site.connections();
    const world = startHttp(at('http_request/started', BLOCK));
    const agent = own();
    await expect(world.activity(() => answer(http.get(site.url, { agent: agent as unknown as http.Agent })))).rejects.toThrow(GovernanceBlockedError);
    expect([agent.connected, site.connections() - before]).toEqual([0, 0]);
  });

  test.each<[string, () => http.ClientRequest]>([
    ['no options', () => http.get(site.url)],
    ['a callback', () => http.get(new URL(site.url), () => undefined)],
    ['other options', () => http.request(site.url, { agent: null as unknown as undefined }).end()],
    ['nothing but options', () => http.get({ host: '127.0.0.1', port: new URL(site.url).port })],
  ])('is held also as the agent of all requests, with %s', async (name, call) => {
    const { globalAgent } = http;
    const agent = Object.assign(own(), { protocol: name === 'nothing but options' ? undefined : 'http:' });
    http.globalAgent = agent as unknown as http.Agent;
    try {
      const allowed = startHttp();
      expect(await allowed.activity(() => answer(call()))).toBe('/');
      expect([agent.connected, allowed.steps()]).toEqual([1, ['http_request/started', 'http_request/completed']]);
      const blocked = startHttp(at('http_request/started', BLOCK));
      await expect(blocked.activity(() => answer(call()))).rejects.toThrow(GovernanceBlockedError);
      expect(agent.connected).toBe(1);
    } finally {
      http.globalAgent = globalAgent;
    }
  });
});

describe('an agent with an addRequest of its own that goes on to the one it replaces', () => {
  class CookieAgent extends http.Agent {
    addRequest(request: http.ClientRequest, options: object): void {
      request.setHeader('cookie', 'a=1');
      // @ts-expect-error: public, but no type tells
      super.addRequest(request, options);
    }
  }

  test('still sets its headers in time', async () => {
    const world = startHttp();
    await world.activity(() => answer(http.get(`${site.url}/a`, { agent: new CookieAgent() })));
    expect(site.hits).toMatchObject([{ headers: { cookie: 'a=1' } }]);
    expect(world.asked()).toMatchObject([{ span: { request_headers: { cookie: '[REDACTED]' } } }, {}]);
  });
});

describe('a connection of the caller’s own', () => {
  const port = (): number => Number(new URL(site.url).port);
  type Create = NonNullable<http.RequestOptions['createConnection']>;
  const forms: readonly [string, Create][] = [
    ['returned', (options) => net.connect(options as net.TcpNetConnectOpts)],
    [
      'called back',
      ((options: net.TcpNetConnectOpts, connected: (error: null, socket: Socket) => void) => {
        const socket = net.connect(options, () => connected(null, socket));
      }) as unknown as Create,
    ],
  ];
  test.each(forms)('%s', async (_, createConnection) => {
    const world = startHttp();
    const options = { host: '127.0.0.1', port: port(), path: '/own', createConnection };
    expect(await world.activity(() => answer(http.get(options)))).toBe('/own');
    expect(world.asked()).toMatchObject([{ span: { http_url: `${site.url}/own`, request_headers: { connection: 'close' } } }, {}]);
  });

  test.each(forms)('is not made where it is blocked: %s', async (_, createConnection) => {
    let made = 0;
    const world = startHttp(at('http_request/started', BLOCK));
    const counting = ((...args: Parameters<Create>) => (made++, createConnection(...args))) as Create;
    await expect(world.activity(() => answer(http.get(site.url, { createConnection: counting })))).rejects.toThrow(GovernanceBlockedError);
    expect([made, site.hits]).toEqual([0, []]);
  });

  test('that fails, fails the request', async () => {
    const world = startHttp();
    const thrown = new RangeError('mine');
    const fail = (): never => {
      throw thrown;
    };
    await expect(world.activity(() => answer(http.get(site.url, { createConnection: fail })))).rejects.toBe(thrown);
    expect(world.asked()[1]?.span['error']).toBe('mine');
  });

  test('that is refused itself, refuses the request, and both are told', async () => {
    const world = startHttp(({ span, step }) =>
      step === 'http_request/started' && span['http_method'] === 'CONNECT' ? BLOCK : undefined,
    );
    const agent = Object.assign(new http.Agent(), {
      createConnection: (options: http.RequestOptions, connected: (error: unknown) => void) => {
        http.request({ host: '127.0.0.1', port: port(), method: 'CONNECT', path: String(options.host) }).on('error', connected).end();
      },
    });
    await expect(world.activity(() => answer(http.get('http://target.test/', { agent })))).rejects.toThrow(GovernanceBlockedError);
    expect(world.steps()).toEqual(['http_request/started', 'http_request/started', 'http_request/completed']);
  });

  test('options are read once', async () => {
    const world = startHttp();
    let read = 0;
    const options = {
      host: '127.0.0.1',
      port: port(),
      get path() {
        return read++ === 0 ? '/shown' : '/other';
      },
    };
    await world.activity(() => answer(http.get(options)));
    expect(world.asked()[0]?.span['http_url']).toBe(`${site.url}/shown`);
    expect(site.hits).toMatchObject([{ url: '/shown' }]);
  });
});

describe('tunnels', () => {
  const servers: net.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Answers CONNECT and upgrades, and then echoes. */
  async function startProxy(): Promise<{ port: number; heads: string[] }> {
    const heads: string[] = [];
    const server = http.createServer();
    const open =
      (head: string) =>
      (request: IncomingMessage, socket: Duplex): void => {
        heads.push(`${request.method} ${request.url}`);
        socket.write(`HTTP/1.1 ${head}\r\n\r\n`);
        socket.pipe(socket);
      };
    server.on('connect', open('200 Connected'));
    server.on('upgrade', open('101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo'));
    servers.push(server);
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    return { port: (server.address() as AddressInfo).port, heads };
  }

  const echo = async (socket: Socket): Promise<string> => {
    socket.end('ping');
    return text(socket);
  };

  const forms = [
    ['connect', { method: 'CONNECT', path: 'target.test:443' }, 'https://target.test/', 200],
    ['upgrade', { headers: { connection: 'upgrade', upgrade: 'echo' }, path: '/ws' }, undefined, 101],
  ] as const;

  test.each(forms)('%s is told once it is open', async (event, options, url, status) => {
    const proxy = await startProxy();
    const world = startHttp();
    const reply = await world.activity(async () => {
      const request = http.request({ host: '127.0.0.1', port: proxy.port, ...options }).end();
      const closed = once(request, 'close');
      const [message, socket] = (await once(request, event)) as [IncomingMessage, Socket];
      expect(message.statusCode).toBe(status);
      await closed;
      return echo(socket);
    });
    expect(reply).toBe('ping');
    const address = { 'server.address': '127.0.0.1', 'server.port': proxy.port };
    const shown = { http_url: url ?? `http://127.0.0.1:${proxy.port}/ws`, ...(url !== undefined && { attributes: address }) };
    expect(world.asked()).toMatchObject([{ span: shown }, { span: { http_status_code: status, response_body: null } }]);
  });

  test.each(forms)('a blocked %s opens no connection', async (_, options) => {
    const proxy = await startProxy();
    const world = startHttp(at('http_request/started', BLOCK));
    const call = world.activity(() => once(http.request({ host: '127.0.0.1', port: proxy.port, ...options }).end(), 'response'));
    await expect(call).rejects.toThrow(GovernanceBlockedError);
    expect(proxy.heads).toEqual([]);
  });

  test.each(forms)('a %s blocked at completed hands out no socket', async (event, options) => {
    const proxy = await startProxy();
    const world = startHttp(at('http_request/completed', BLOCK));
    let opened = false;
    const call = world.activity(async () => {
      const request = http.request({ host: '127.0.0.1', port: proxy.port, ...options }).end();
      request.on(event, () => (opened = true));
      await once(request, 'never');
    });
    await expect(call).rejects.toThrow(GovernanceBlockedError);
    expect([opened, proxy.heads.length]).toEqual([false, 1]);
  });

  test('an upgrade that is refused has an answer like any other', async () => {
    const world = startHttp();
    const body = await world.activity(() => answer(http.get(`${site.url}/plain`, { headers: { connection: 'upgrade', upgrade: 'echo' } })));
    expect(body).toBe('/plain');
    expect(world.asked()[1]?.span['http_status_code']).toBe(200);
  });

  test('an open tunnel outlives its activity', async () => {
    const proxy = await startProxy();
    const world = startHttp();
    const socket = await world.activity(async () => {
      const request = http.request({ host: '127.0.0.1', port: proxy.port, method: 'CONNECT', path: 'target.test:80' }).end();
      return ((await once(request, 'connect')) as [IncomingMessage, Socket])[1];
    });
    expect(await echo(socket)).toBe('ping');
  });
});
