import { describe, expect, it } from 'vitest';
import { readManifests, rules, type Manifests } from './manifests.ts';

const manifests = readManifests();

/** A copy of the manifests of this repository, for a test to spoil. */
function copy(): Manifests {
  return structuredClone(manifests);
}

/** Spoils one thing each, by the rule that has to find it. */
const spoilt: Record<string, ((copied: Manifests) => void)[]> = {
  'versions are equal': [
    ({ jsr }) => void (jsr.version = '9.9.9'),
    ({ lock }) => void (lock.packages[''] = { version: '9.9.9' }),
    ({ sources }) => void (sources as Map<string, string>).set('core/version.ts', "export const VERSION: string = '9.9.9';"),
  ],
  'package.json has the entries of tools/entries.ts': [
    ({ npm }) => void (npm.exports['./extra'] = './dist/core/index.js'),
    ({ npm }) => void delete npm.exports['./node'],
    ({ npm }) => void (npm.exports['.'] = Object.fromEntries(Object.entries(npm.exports['.'] ?? {}).reverse())),
  ],
  'jsr.json has the entries of tools/entries.ts': [
    ({ jsr }) => void (jsr.exports['./extra'] = './core/index.ts'),
    ({ jsr }) => void (jsr.exports['.'] = './bindings/node/index.ts'),
    ({ jsr }) => void delete jsr.exports['./edge'],
  ],
  'the compiler finds each entry': [
    ({ paths }) => void delete paths['@openbox-ai/temporal-sdk/core'],
    ({ paths }) => void (paths['@openbox-ai/temporal-sdk'] = ['./core/index.ts']),
    ({ paths }) => void (paths['@openbox-ai/temporal-sdk/extra'] = ['./core/index.ts']),
  ],
  'each entry has its source': [({ sources }) => void (sources as Map<string, string>).delete('conformance/testing.ts')],
  'types come first': [
    ({ npm }) => void (npm.exports['./core'] = { default: './dist/core/index.js', types: './dist/core/index.d.ts' }),
    ({ npm }) => void (npm.exports['./core'] = { import: { default: './dist/core/index.js', types: './dist/core/index.d.ts' } }),
  ],
  'undici has one range': [
    ({ npm }) => void (npm.dependencies['undici'] = '^1.0.0'),
    ({ jsr }) => void delete jsr.imports['undici'],
  ],
  'the lockfile names no host': [({ lock }) => void (lock.packages['node_modules/a'] = { resolved: 'https://registry.example/a.tgz' })],
  'JSR entries need no Temporal': [
    ({ sources }) => void (sources as Map<string, string>).set('conformance/testing.ts', "import '@temporalio/client';"),
  ],
};

it('are read', () => {
  expect(Object.keys(manifests.npm.exports)).toContain('./temporal');
  expect(Object.keys(manifests.jsr.exports)).toContain('./node');
  expect(Object.keys(manifests.lock.packages)).toContain('node_modules/undici');
  expect(Object.keys(spoilt)).toEqual(Object.keys(rules));
});

describe.each(Object.entries(rules))('%s', (name, rule) => {
  it('in this repository', () => expect(rule(manifests)).toEqual([]));

  it.each(spoilt[name] ?? [])('finds %s', (spoil) => {
    const copied = copy();
    spoil(copied);
    expect(rule(copied)).not.toEqual([]);
  });
});
