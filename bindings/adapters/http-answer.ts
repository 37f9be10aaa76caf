import { type HttpOperation, type HttpResult, isTextContent, type Later, type Report } from '../../core/index.ts';
import { collector } from './collector.ts';
import { type Answered, watchEvents } from './http-events.ts';
import { headersOf, lookup, resultOf, shownText } from './http-message.ts';
import type { ClientRequest, IncomingMessage } from './http-module.ts';
import { watchMessage } from './http-response.ts';

/** What comes of a request, and how its end is told. */
export interface Answer {
  /** Settles with the first of: an answer, an error, the end. */
  readonly answered: Promise<Answered>;
  report(exact: () => readonly unknown[] | undefined): Report<HttpOperation, Answered>;
  /** Marks an error that the request is about to emit as a stop. */
  isStop(error: unknown): void;
  /** To be called when governance is over: what was not handed out for a report goes to its caller without one. */
  over(): void;
}

/** Watches a request from before it is sent. Text of the answer's body is shown up to `max` bytes. */
export function answerOf(request: ClientRequest, max: number): Answer {
  let reported = false;
  let setLater!: (later: Pick<Later<HttpOperation>, 'complete'>) => void;
  const later = new Promise<Pick<Later<HttpOperation>, 'complete'>>((resolve) => (setLater = resolve));
  const complete = async (result: HttpResult, error?: unknown): Promise<void> => (await later).complete(result, error);
  let abandon: (() => void) | undefined;

  const watch = ({ message, heard }: Answered): void => {
    const headers = lookup(headersOf(message));
    const seen = heard && isTextContent(headers.get('content-type')) ? collector(max) : undefined;
    abandon = watchMessage(message, {
      chunk: (bytes) => seen?.add(bytes),
      ended: (read, error) => complete(resultOf(message, read ? shownText(seen?.bytes(), headers, max) : null), error),
      refused: (error) => {
        events.isStop(error);
        return events.stop(error);
      },
    });
  };
  const streams = ({ message, socket }: Answered): boolean => socket === undefined && hasBody(request, message);
  const events = watchEvents(
    request,
    (answered) => streams(answered) && watch(answered),
    (answered) => !streams(answered),
  );

  return {
    answered: events.answered,
    isStop: events.isStop,
    report: (exact) => ({
      exact,
      describe: ({ message }) => resultOf(message, null),
      handOut: (answered, handedOut) => {
        reported = true;
        setLater(handedOut);
        if (streams(answered)) handedOut.onAbandon(() => abandon?.());
        else complete(resultOf(answered.message, null)).then(() => events.letGo(), events.letGo);
        return answered;
      },
    }),
    over() {
      if (reported) return;
      setLater({ complete: async () => {} });
      events.letGo();
    },
  };
}

const NULL_BODY_STATUS: ReadonlySet<number> = new Set([204, 205, 304]);

function hasBody({ method }: ClientRequest, { statusCode = 0 }: IncomingMessage): boolean {
  return method !== 'HEAD' && !NULL_BODY_STATUS.has(statusCode);
}
