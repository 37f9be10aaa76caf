import { createHash } from 'node:crypto';
import { equals, type Fields, type JsonObject, type Kind, matching, object, open, optional, type Relation, secret } from './kinds.ts';

const KEY = 'obx_(?:live|test)_[a-zA-Z0-9_]+';

/** What an API key looks like (Contract §1). */
export const API_KEY: RegExp = new RegExp(`^${KEY}$`);

const ID = 'openbox-[a-z0-9]+-[a-z0-9]+-v\\d+\\.\\d+\\.\\d+[0-9A-Za-z.+-]*';

const COMMON: Fields = {
  authorization: secret(matching(new RegExp(`^Bearer ${KEY}$`), '"Bearer <api key>"')),
  'user-agent': matching(new RegExp(`^OpenBox-SDK/${ID}$`), '"OpenBox-SDK/openbox-<engine>-<language>-v<version>"'),
  'x-openbox-sdk-version': matching(new RegExp(`^${ID}$`), '"openbox-<engine>-<language>-v<version>"'),
};

const SIGNATURE: Fields = {
  'x-openbox-agent-did': matching(/^did:aip:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, '"did:aip:<uuid>"'),
  'x-openbox-agent-timestamp': matching(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/,
    'an ISO time ending in "+00:00"',
  ),
  'x-openbox-agent-nonce': matching(/^[A-Za-z0-9_-]{32}$/, '24 bytes as base64url'),
  'x-openbox-agent-signature': matching(/^[A-Za-z0-9+/]{86}==$/, '64 bytes as padded base64'),
  'x-openbox-body-sha256': matching(/^[0-9a-f]{64}$/, '64 lower-case hex digits'),
};

/** W3C Trace Context: ids that are all zeros are none. */
const TRACEPARENT = matching(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/, 'a W3C traceparent of version 00');

const SAME_ID: Relation = {
  field: 'user-agent',
  problem: 'Expected the id that x-openbox-sdk-version names',
  holds: (headers) => headers['user-agent'] === `OpenBox-SDK/${String(headers['x-openbox-sdk-version'])}`,
};

/**
 * The headers of a request with that body (Contract §1, §8). `headers` are the ones given, names in lower case: one
 * header of a signature asks for all of them. The signature itself is not verified: Core's copy of the public key is not here.
 */
export function headersOf(headers: JsonObject, raw: string): Kind {
  const signed = Object.keys(SIGNATURE).some((name) => name in headers);
  const hash: Relation = {
    field: 'x-openbox-body-sha256',
    problem: 'Expected the SHA-256 of the body',
    holds: (given) => !signed || given['x-openbox-body-sha256'] === createHash('sha256').update(raw).digest('hex'),
  };
  const fields: Fields = {
    ...COMMON,
    ...(raw !== '' && { 'content-type': equals('application/json') }),
    ...(signed && SIGNATURE),
    traceparent: optional(TRACEPARENT),
  };
  return open(object(fields, [SAME_ID, hash]));
}
