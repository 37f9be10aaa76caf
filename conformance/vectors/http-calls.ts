import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface HttpCall {
  /** Absent: GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Makes an HTTP call and reads its answer to the end; redirects are followed. */
export type Send = (url: string, call?: HttpCall) => Promise<HttpAnswer>;

export const byFetch: Send = async (url, call = {}) => {
  const response = await fetch(url, call);
  return { status: response.status, text: await response.text() };
};

export const byNodeHttp: Send = async (url, { method, headers = {}, body } = {}) => {
  const call = method === undefined ? get(url, { headers }) : request(url, { method, headers }).end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const answer = { status: response.statusCode ?? 0, text: await text(response) };
  const { location } = response.headers;
  return location === undefined ? answer : byNodeHttp(new URL(location, url).href);
};
