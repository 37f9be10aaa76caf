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
  const run = (): typeof answer.answered => {
    started = true;
    gathering.release();
    if (gathering.givenUp()) return Promise.reject(new Error('The request was destroyed before it was sent'));
    try {
      start();
    } catch (error) {
      request.onSocket(null, error);
    }
    return answer.answered;
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
