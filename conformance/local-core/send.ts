import type { ServerResponse } from 'node:http';
import { formatJson } from '../contract/json.ts';
import { isObject } from '../contract/kinds.ts';
import type { Fault } from './policy.ts';
import type { Reply } from './reply.ts';

type Send = (reply: Reply, response: ServerResponse) => void;

/** How many pieces a slow body comes in. */
const PIECES = 20;

const FAULTS: Readonly<Partial<Record<Fault, Send>>> = {
  drop: (_, response) => void response.socket?.destroy(),
  reset: (_, response) => void response.socket?.resetAndDestroy(),
  never: () => {},
  slow_body: sendSlowly,
  huge: (reply, response) => {
    const json = { ...(isObject(reply.json) ? reply.json : {}), padding: 'x'.repeat(reply.bytes) };
    sendWhole({ ...reply, json }, response);
  },
};

/** Sends a reply, or does what its fault says. */
export function send(reply: Reply, response: ServerResponse): void {
  const start = (reply.fault && FAULTS[reply.fault]) ?? sendWhole;
  if (reply.delayMs === 0) start(reply, response);
  else later(reply.delayMs, response, () => start(reply, response));
}

function sendWhole(reply: Reply, response: ServerResponse): void {
  startHead(reply, response);
  response.end(textOf(reply));
}

function sendSlowly(reply: Reply, response: ServerResponse): void {
  const text = textOf(reply);
  startHead(reply, response);
  response.flushHeaders();
  sendPiece(0);

  function sendPiece(index: number): void {
    if (index === PIECES) {
      response.end();
      return;
    }
    later(reply.bodyMs / PIECES, response, () => {
      response.write(text.slice((text.length * index) / PIECES, (text.length * (index + 1)) / PIECES));
      sendPiece(index + 1);
    });
  }
}

/** A client that has gone needs no answer any more, and a timer must not keep the process alive for it. */
function later(ms: number, response: ServerResponse, act: () => void): void {
  setTimeout(() => {
    if (!response.destroyed) act();
  }, ms).unref();
}

function startHead(reply: Reply, response: ServerResponse): void {
  response.statusCode = reply.status;
  if (reply.text === undefined && reply.json !== undefined) response.setHeader('content-type', 'application/json');
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
}

function textOf(reply: Reply): string {
  return reply.text ?? (reply.json === undefined ? '' : formatJson(reply.json));
}
