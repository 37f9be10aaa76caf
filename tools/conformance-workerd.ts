import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { startStage } from '../conformance/local-stage.ts';
import type { StageAddress } from '../conformance/remote-stage.ts';
import { root } from './command.ts';
import { runtimePath } from './pinned-runtimes.ts';
import type { Prepared } from './runtime-script.ts';

/** The one worker, its modules in one file; everything it fetches is on this machine. */
const config = ({ coreUrl, siteUrl }: StageAddress): string => `
using Workerd = import "/workerd/workerd.capnp";
const unit :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "runner", esModule = embed "runner.mjs")],
      compatibilityDate = "2026-01-01",
      compatibilityFlags = ["nodejs_compat"],
      bindings = [(name = "coreUrl", text = "${coreUrl}"), (name = "siteUrl", text = "${siteUrl}")]
    )),
    (name = "internet", network = (allow = ["local"]))
  ]
);
`;

/** Starts what workerd cannot start itself, and bundles the runner for it. */
export async function prepareWorkerd(runner: string): Promise<Prepared> {
  const stage = await startStage();
  const folder = await mkdtemp(join(tmpdir(), 'openbox-workerd-'));
  await build({
    entryPoints: [join(root, runner)],
    outfile: join(folder, 'runner.mjs'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd'],
    external: ['node:*'],
    logLevel: 'error',
  });
  await writeFile(join(folder, 'config.capnp'), config({ coreUrl: stage.core.url, siteUrl: stage.site.url }));
  return {
    command: [await runtimePath('workerd'), 'test', join(folder, 'config.capnp')],
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
