import type { Context } from '@temporalio/activity';

/** Temporal drops the details of a failure over 2 MiB, and refuses a scheduling whose arguments are longer; codecs add to them. */
const MAX_BYTES = 1.5 * 1024 * 1024;

/** Whether these values can travel in a failure's details, and then beside the arguments of the next scheduling. */
export function fitsAlong({ client }: Context, args: readonly unknown[], values: readonly unknown[]): boolean {
  const { payloadConverter } = client.options.loadedDataConverter;
  try {
    const sizes = [...args, ...values].map((value) => payloadConverter.toPayload(value).data?.length ?? 0);
    return sizes.reduce((sum, size) => sum + size, 0) <= MAX_BYTES;
  } catch {
    return false;
  }
}
