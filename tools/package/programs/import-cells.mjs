// Runs as a consumer's program: imports the modules of cells.json one after the other, and prints for each what went wrong ('' where
// nothing did).
import fs from 'node:fs';
import http from 'node:http';

/** Own properties by name; accessors by their getters, which are not called. */
const propertiesOf = (object) =>
  Reflect.ownKeys(object).map((key) => {
    const { value, get } = Object.getOwnPropertyDescriptor(object, key);
    return [String(key), get ?? value];
  });

/** Resources that come and go while modules are read, and the process's own output. */
const PASSING = /^(?:FSReq|CloseReq|Pipe|TTY)/;

const countsOf = (names) => [...new Set(names)].map((name) => [name, names.filter((each) => each === name).length]);

/** All that a module that starts nothing and patches nothing leaves as it was. */
const WATCHED = {
  globalThis: () => propertiesOf(globalThis).filter(([name]) => name !== 'Symbol(openbox.sdk.process)'),
  fs: () => propertiesOf(fs),
  'fs.promises': () => propertiesOf(fs.promises),
  http: () => propertiesOf(http),
  'http.Agent.prototype': () => propertiesOf(http.Agent.prototype),
  'listeners of process': () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  'what keeps the process alive': () => countsOf((process.getActiveResourcesInfo?.() ?? []).filter((name) => !PASSING.test(name))),
};

const snapshot = () => new Map(Object.entries(WATCHED).flatMap(([what, list]) => list().map(([name, value]) => [`${what}: ${name}`, value])));

function changes(before, after) {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => !Object.is(before.get(name), after.get(name)));
}

/** What an import gives, or why it fails; it may only change the world where the cell says so. */
async function tryCell({ file, expected, active }) {
  const before = snapshot();
  const { value, url } = await import(new URL(file, import.meta.url).href);
  if ((await value) === undefined) return 'does not export its name';
  if (url !== undefined && !url.endsWith(expected)) return `leads to ${url}, expected …${expected}`;
  const changed = changes(before, snapshot());
  return active || changed.length === 0 ? '' : `importing changed ${changed.join(', ')}`;
}

// Packages that are not ours to judge do their work before.
for (const name of ['undici', '@temporalio/worker', '@temporalio/activity', '@temporalio/client', '@temporalio/workflow']) {
  await import(name).catch(() => {});
}
const results = [];
for (const cell of JSON.parse(fs.readFileSync(new URL(process.argv[2], import.meta.url), 'utf8'))) {
  results.push(await tryCell(cell).catch((error) => String(error?.stack ?? error)));
}
fs.writeFileSync(new URL(process.argv[3], import.meta.url), JSON.stringify(results));
process.exit(0);
