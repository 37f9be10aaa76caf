import { after, test } from 'node:test';
import { createOpenBox, nodeBinding, traced } from '../../bindings/node/index.ts';
import { CASES } from '../cases/index.ts';
import { startStage } from '../local-stage.ts';
import { gapsOf, runCase } from '../run-case.ts';
import { createWorld } from '../world.ts';

const world = createWorld({ expected: 'node', createOpenBox, traced }, await startStage());
const gaps = gapsOf(nodeBinding.coverage);
after(() => world[Symbol.asyncDispose]());

for (const testCase of CASES) void test(testCase.id, async () => void (await runCase(world.run, testCase, gaps)));
