import { entry, isObject, type Kind, kind } from './kinds.ts';

/** Names of the old semantic conventions, and the stable ones that took their place. */
const REPLACED: Readonly<Record<string, string>> = {
  'http.method': 'http.request.method',
  'http.url': 'url.full',
  'http.status_code': 'http.response.status_code',
  'db.system': 'db.system.name',
  'db.name': 'db.namespace',
  'db.operation': 'db.operation.name',
  'db.statement': 'db.query.text',
  'net.peer.name': 'server.address',
  'net.peer.port': 'server.port',
};

const SCALARS: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'bigint']);

/** A span's OpenTelemetry attributes, by the stable semantic conventions (Contract §3.1). */
export const ATTRIBUTES: Kind = {
  ...kind('an object of OpenTelemetry attributes', isObject),
  fields: (attributes) => Object.fromEntries(Object.keys(attributes).map((name) => [name, attribute(name)])),
};

function attribute(name: string): Kind {
  const stable = entry(REPLACED, name);
  if (stable) return kind(`the stable name "${stable}" instead`, () => false);
  if (/^openbox\b/.test(name)) return kind('no attribute of ours', () => false);
  return kind('a string, number or boolean, or an array of them', (value) =>
    [value].flat().every((each) => SCALARS.has(typeof each)),
  );
}
