import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../tools/command.ts';
import { FAULTS, tagOf } from './faults.ts';

/** The title of a test that is run, with its tag. Tests that are skipped, or meant to fail, prove nothing. */
const TITLE = /(?<!\.(?:skip|skipIf|todo|fails|runIf)(?:\([^)]*\))?)\(\s*(['"])((?:\\.|(?!\1).)* \(fault: [^)]*\))\1,/gu;

/** Sources of tests, of which some stand in files that several use. */
const SOURCES: readonly string[] = ['core', 'bindings', 'conformance'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /test(?:-support)?\.ts$/u.test(name))
    .map((name) => join(folder, name).replaceAll('\\', '/')));

/** The test that each fault is to have, by file and title. */
function wanted(): readonly string[] {
  const places = [...new Set(FAULTS.map(({ file, test: title }) => `${file}: ${title}`))];
  return places.map((place) => place + tagOf(FAULTS.filter(({ file, test: title }) => place === `${file}: ${title}`).map(({ id }) => id)));
}

test('every fault has the test that is named after it, and every such test stands in the table', () => {
  const found = SOURCES.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(TITLE)].map(([, , title]) => `${file}: ${title}`));
  expect(found.toSorted()).toEqual(wanted().toSorted());
});

test('ids are unique, and faults told in words', () => {
  const ids = FAULTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, what } of FAULTS) {
    expect(id).toMatch(/^[a-z]+(?:-[a-z]+)+$/u);
    expect(what).toMatch(/^[A-Z].{20,}\.$/u);
  }
  expect(new Set(FAULTS.map(({ what }) => what)).size).toBe(ids.length);
});
