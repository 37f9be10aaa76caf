import { type Attempt, governIn, type HttpOperation } from '../../core/index.ts';
import { bytesOf, exactBody, type RequestBody, shownHeaders } from './fetch-body.ts';
import { answerOf } from './http-answer.ts';
import { gatherRequest } from './http-gather.ts';
import { type Head, lookup, readHead, shownText } from './http-message.ts';
import type { ClientRequest, HttpModules, RequestOptions } from './http-module.ts';
import { targetOf } from './http-target.ts';

/**
 * Keeps a new request from its agent until it has been asked about, and tells how it ended.
 *
 * @param start hands it to its agent
 */
export async function exchange(
  attempt: Attempt,
  modules: HttpModules,
  request: ClientRequest,
  options: RequestOptions,
  start: () => void,
): Promise<void> {
  const { config, ports } = attempt.governor;
  const answer = answerOf(request, config.maxBodySize);
  const gathering = gatherRequest(request, config.maxBodySize, ports.clock, modules);
  const body = await gathering.ready;
  if (body === undefined) return;
  let started = false;
  let allow = (): void => {};
  // Made here, so that the caller's callbacks run in the caller's context and not inside the operation.
  const sent = new Promise<void>((resolve) => (allow = resolve)).then(() => {
    gathering.release();
    if (gathering.givenUp()) throw new Error('The request was destroyed before it was sent');
    try {
      start();
    } catch (error) {
      request.onSocket(null, error);
    }
    return answer.answered;
  });
  const run = (): typeof sent => {
    started = true;
    allow();
    return sent;
  };
  try {
    const head = readHead(request);
    const operation = operationOf(request, options, head, body, config.maxBodySize);
    await governIn(attempt, operation, run, answer.report(() => exactBody(body, lookup(head.headers))));
  } catch (error) {
    if (started || gathering.givenUp()) return;
    gathering.release();
    answer.isStop(error);
    // `destroy(error)` alone tells nobody where there is no socket.
    request.onSocket(null, error);
  } finally {
    answer.over();
  }
}

function operationOf(request: ClientRequest, options: RequestOptions, head: Head, body: RequestBody, max: number): HttpOperation {
  const { method, path, headers } = head;
  return {
    type: 'http_request',
    method: method.toUpperCase(),
    ...targetOf(request, options, method, path),
    headers: shownHeaders(headers),
    body: shownText(bytesOf(body), lookup(headers), max),
  };
}
