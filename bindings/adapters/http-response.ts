import { type IncomingMessage, override } from './http-module.ts';

/** Sees the body of an answer go by. */
export interface MessageWatch {
  chunk(bytes: Uint8Array): void;
  /** Settles when the reader may know of the end. `read`: whether anybody has read of it; `error` is what broke it. */
  ended(read: boolean, error?: unknown): Promise<void>;
  /** The end was refused, and the message is about to be destroyed with this error. True where its caller knows by now. */
  refused(error: unknown): boolean;
}

/**
 * Puts a watch on an answer. Chunks reach the reader as they arrive; only the end waits for `watch.ended`, once
 * everything before it was read. Returns what ends it before its reader has.
 */
export function watchMessage(message: IncomingMessage, watch: MessageWatch): () => void {
  const { push, read } = message;
  let [arrived, wanted, over] = [false, false, false];

  const end = async (): Promise<void> => {
    over = true;
    try {
      await watch.ended(true);
    } catch (error) {
      const { emit } = message;
      const told = watch.refused(error) || message.listenerCount('error') > 0;
      // Clients take `aborted`, which comes before the error, for the whole story.
      if (told) override(message, 'emit', (event: string, ...args: unknown[]) => event !== 'aborted' && emit.call(message, event, ...args));
      message.destroy(error as Error);
      return;
    }
    push.call(message, null);
  };
  const endIfRead = (): void => {
    if (arrived && wanted && !over && message.readableLength === 0) void end();
  };
  const leave = (broken?: unknown): void => {
    if (over) return;
    over = true;
    // Nothing is withheld here: nobody need wait.
    watch.ended(wanted, broken).catch(() => undefined);
  };

  override(message, 'push', (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null) {
      arrived = true;
      endIfRead();
      return false;
    }
    if (chunk instanceof Uint8Array) watch.chunk(chunk);
    return push.call(message, chunk, encoding);
  });
  override(message, 'read', (size?: number) => {
    const chunk: unknown = read.call(message, size);
    // Streams call `read(0)` on their own account.
    if (size !== 0) {
      wanted = true;
      endIfRead();
    }
    return chunk;
  });
  message.once('close', () => leave(message.errored ?? undefined));

  return () => {
    if (over) return;
    leave();
    // An error would reach whoever listens on the connection, or end the process.
    message.destroy();
  };
}
