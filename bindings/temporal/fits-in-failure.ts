import { defaultPayloadConverter } from '@temporalio/common';

/** Temporal drops the details of a failure over 2 MiB; codecs add to them. */
const MAX_KEPT_BYTES = 1.5 * 1024 * 1024;

/** Whether these values can travel in a failure's details. */
export function fitsInFailure(values: readonly unknown[]): boolean {
  try {
    const bytes = values.map((value) => (value === undefined ? 0 : (defaultPayloadConverter.toPayload(value)?.data?.length ?? 0)));
    return bytes.reduce((sum, size) => sum + size, 0) <= MAX_KEPT_BYTES;
  } catch {
    // For a converter of the user's own: nobody knows how long it will be.
    return false;
  }
}
