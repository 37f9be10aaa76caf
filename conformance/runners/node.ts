import { after, test } from 'node:test';
import { createOpenBox, traced } from '../../bindings/node/index.ts';
import { CASES } from '../cases/index.ts';
import { createWorld } from '../world.ts';

const actual = 'Bun' in globalThis ? 'bun' : 'Deno' in globalThis ? 'deno' : 'node';
const world = await createWorld({
  runtime: { expected: 'node', actual, version: process.versions.node },
  createOpenBox,
  traced: (fn, options) => traced(fn, options),
});
after(() => world[Symbol.asyncDispose]());

for (const testCase of CASES) void test(testCase.id, () => world.run(testCase));
