import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { isRecord } from '../../core/is-record.ts';
import { HEADER, type HeaderFields } from './workflow/protocol.ts';

/** What our workflow interceptor says to an activity; undefined where none ran there. */
export function headerFields(headers: Headers): Partial<HeaderFields> | undefined {
  const payload = headers[HEADER];
  // Whoever starts an activity by itself may write anything there.
  const fields = payload && defaultPayloadConverter.fromPayload<unknown>(payload);
  return isRecord(fields) ? fields : undefined;
}

/** The id of the workflow's first run; undefined where no interceptor of ours ran there. */
export function firstRunIdOf(headers: Headers): string | undefined {
  return headerFields(headers)?.firstExecutionRunId;
}
