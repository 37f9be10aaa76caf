/** How the calls of a recording are made, where not by `fetch`, `fs.promises` and asynchronous functions. */
export type Way = 'node:http' | 'readFileSync';

/** The recordings that are played once more, in another way. */
export const WAYS: readonly (readonly [scenario: string, by: Way])[] = [
  ['03_http_big_body', 'node:http'],
  ['03_http_httpx_async', 'node:http'],
  ['03_http_httpx_sync', 'node:http'],
  ['03_http_requests', 'node:http'],
  ['03_http_stream_and_errors', 'node:http'],
  ['03_http_urllib', 'node:http'],
  ['03_http_urllib3', 'node:http'],
  ['04_file_other', 'readFileSync'],
];

/** One recording, played in one way. */
export interface Play {
  readonly scenario: string;
  /** Absent: in the usual one. */
  readonly by?: Way;
}

/** What a play is called. */
export function titleOf({ scenario, by }: { readonly scenario: string; readonly by?: string }): string {
  return by === undefined ? scenario : `${scenario} (${by})`;
}
