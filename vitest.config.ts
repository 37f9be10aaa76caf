import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** On Bun the tests have its preload, as an application would. Deno's child processes take no such flag. */
const PRELOAD: readonly string[] = 'Bun' in globalThis ? ['--preload', './bindings/bun/preload.ts'] : [];

/** Asked for by `npm run temporal -- no-cache`. */
const WITHOUT_CACHE: readonly string[] = process.env['TEMPORAL_TESTS'] === 'no-cache' ? ['tools/without-cache.ts'] : [];

const config: ViteUserConfig = defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['core', 'bindings', 'conformance', 'tools'].map((folder) => `${folder}/**/*.test.ts`),
    globalSetup: ['tools/shared-servers-setup.ts'],
    setupFiles: ['tools/wire-check.ts', ...WITHOUT_CACHE],
    // Processes, not threads: the tests patch global modules, and a Temporal worker wants a process of its own.
    pool: 'forks',
    execArgv: [...PRELOAD],
    // Tests with a Temporal server wait more than they work: two cores keep up with four.
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

export default config;
