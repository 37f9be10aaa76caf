import { createRequire } from 'node:module';
import { createContext, runInContext, type Context } from 'node:vm';
import { build } from 'esbuild';
import { root } from './command.ts';

/** Thrown in place of what a workflow may not do while its bundle loads. */
function refuse(name: string): never {
  throw new Error(`${name} was used while the module loaded`);
}

// Where the answer differs between two runs, or work starts: a replay could not repeat it.
const refused = [
  'fetch', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'queueMicrotask',
  'crypto', 'performance', 'process', 'Buffer',
];

// Runs inside the context, whose Date and Math are its own.
const refuseInside = `(refuse) => {
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    get: (date, key) => (key === 'now' ? () => refuse('Date.now') : Reflect.get(date, key)),
    construct: (date, args) => (args.length === 0 ? refuse('new Date') : Reflect.construct(date, args)),
    apply: () => refuse('Date()'),
  });
  Math.random = () => refuse('Math.random');
}`;

function bareContext(globals: object): Context {
  const context = createContext({ URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, console, ...globals });
  for (const name of refused) Object.defineProperty(context, name, { get: () => refuse(name) });
  (runInContext(refuseInside, context) as (how: typeof refuse) => void)(refuse);
  return context;
}

/**
 * Bundles a module (its source, with imports as from the top of the repository) and evaluates it where no clock, timer, random source
 * or network exists; hands back its exports. Temporal's own packages come from outside: they are not ours to judge.
 * Throws when the module touches one of those while it loads.
 */
export async function loadBare(source: string): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    external: ['@temporalio/*'],
    write: false,
    logLevel: 'silent',
  });
  const module = { exports: {} as Record<string, unknown> };
  const context = bareContext({ module, exports: module.exports, require: createRequire(import.meta.url) });
  runInContext(outputFiles[0]?.text ?? '', context, { filename: 'bare.cjs' });
  return module.exports;
}
