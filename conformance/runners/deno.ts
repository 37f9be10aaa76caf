import { createOpenBox, denoBinding, traced } from '../../bindings/deno/index.ts';
import { CASES } from '../cases/index.ts';
import { startStage } from '../local-stage.ts';
import { gapsOf, runCase } from '../run-case.ts';
import { createWorld } from '../world.ts';

const world = createWorld({ expected: 'deno', createOpenBox, traced }, await startStage());
const gaps = gapsOf(denoBinding.coverage);

for (const testCase of CASES) Deno.test(testCase.id, async () => void (await runCase(world.run, testCase, gaps)));
Deno.test.afterAll(async () => world[Symbol.asyncDispose]());
