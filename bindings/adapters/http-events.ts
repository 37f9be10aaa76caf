import { OpenBoxError } from '../../core/index.ts';
import { type ClientRequest, type IncomingMessage, override, type Socket } from './http-module.ts';

/** What came of a request. */
export interface Answered {
  readonly message: IncomingMessage;
  /** The connection itself, after CONNECT or an upgrade. */
  readonly socket: Socket | undefined;
  /** False where nobody listens for the answer: then nothing of it is handed out. */
  readonly heard: boolean;
}

/** A request's events, seen before its listeners see them. */
export interface RequestEvents {
  /** Settles with the first of: an answer, an error, the end. */
  readonly answered: Promise<Answered>;
  /**
   * Tells the caller of a stop as of any failed request. Where nobody listens, nothing else happens: as with promises its
   * activity fails with it, and the process with everybody else's activities goes on. True where somebody listened.
   */
  stop(error: unknown): boolean;
  /** What the request emits of this error is a stop. */
  isStop(error: unknown): void;
  /** Where `withhold` kept the answer back: hands it out, or with an error does not. Whatever came meanwhile follows. */
  letGo(error?: unknown): void;
}

const ANSWERS: ReadonlySet<string> = new Set(['response', 'connect', 'upgrade']);

/**
 * @param seen is told of an answer before anyone else
 * @param withhold whether the answer is kept back until `letGo`
 */
export function watchEvents(
  request: ClientRequest,
  seen: (answered: Answered) => void,
  withhold: (answered: Answered) => boolean,
): RequestEvents {
  const { emit } = request;
  const pass = (event: string, args: readonly unknown[]): boolean => emit.call(request, event, ...args);
  let [resolve, reject] = [(_: Answered): void => {}, (_: unknown): void => {}];
  const answered = new Promise<Answered>((...settle) => ([resolve, reject] = settle));
  answered.catch(() => undefined);
  let held: (readonly [event: string, args: readonly unknown[]])[] | undefined;
  let ours: unknown;
  let told: boolean | undefined;

  const stop = (error: unknown): boolean => {
    if (told !== undefined) return told;
    told = request.listenerCount('error') > 0;
    if (told) pass('error', [error]);
    return told;
  };

  override(request, 'emit', (event: string, ...args: unknown[]) => {
    if (event === 'error') reject(args[0]);
    if (event === 'error' && (args[0] instanceof OpenBoxError || (args[0] !== undefined && args[0] === ours))) {
      stop(args[0]);
      return true;
    }
    if (held !== undefined) {
      held.push([event, args]);
      return true;
    }
    if (event === 'close') reject(new Error('The request was closed before it was answered'));
    if (!ANSWERS.has(event)) return pass(event, args);
    const [message, socket] = args as [IncomingMessage, Socket | undefined];
    const answer: Answered = { message, socket, heard: request.listenerCount(event) > 0 };
    seen(answer);
    resolve(answer);
    if (!answer.heard || !withhold(answer)) return pass(event, args);
    held = [[event, args]];
    // Nobody else listens for its errors meanwhile.
    socket?.on('error', ignore);
    return true;
  });

  return {
    answered,
    stop,
    isStop: (error) => void (ours = error),
    letGo(error) {
      const [answer, ...later] = held ?? [];
      if (answer === undefined) return;
      held = undefined;
      const [, socket] = answer[1] as [IncomingMessage, Socket | undefined];
      socket?.off('error', ignore);
      if (error === undefined) {
        pass(...answer);
      } else {
        socket?.on('error', ignore).destroy();
        request.destroy();
        stop(error);
      }
      for (const each of later) pass(...each);
    },
  };
}

function ignore(): void {}
