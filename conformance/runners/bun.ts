import { afterAll, test } from 'bun:test';
import { bunBinding, createOpenBox, traced } from '../../bindings/bun/index.ts';
import { CASES } from '../cases/index.ts';
import { startStage } from '../local-stage.ts';
import { gapsOf, runCase } from '../run-case.ts';
import { createWorld } from '../world.ts';

const world = createWorld({ expected: 'bun', createOpenBox, traced }, await startStage());
const gaps = gapsOf(bunBinding.coverage);
afterAll(async () => world[Symbol.asyncDispose]());

for (const testCase of CASES) test(testCase.id, async () => void (await runCase(world.run, testCase, gaps)));
