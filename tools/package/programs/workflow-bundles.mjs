// Runs as a consumer's program: Temporal's bundler makes bundles of workflows that import the package by its name.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowInterceptorModules } from '@openbox-ai/temporal-sdk/temporal';

const copy = createRequire(import.meta.url)('@openbox-ai/temporal-sdk/temporal');
const name = '@openbox-ai/temporal-sdk';
const names = ['OpenBoxError', 'FAILURE_TYPES'];

/** How a workflow file imports, and the copy of the package that its bundle holds then. */
const WORKFLOWS = {
  dist: `import { OpenBoxError } from '${name}'; import { FAILURE_TYPES } from '${name}/workflow'; export { startOpenBox } from '${name}/core';
         export async function flow() { return [OpenBoxError, FAILURE_TYPES].length; }`,
  'dist/cjs': `const { OpenBoxError } = require('${name}'); const { FAILURE_TYPES } = require('${name}/workflow'); require('${name}/core');
               exports.flow = async () => [OpenBoxError, FAILURE_TYPES].length;`,
};

for (const [place, text] of Object.entries(WORKFLOWS)) {
  const workflowsPath = fileURLToPath(new URL(`./flow-${place.replace('/', '-')}.js`, import.meta.url));
  writeFileSync(workflowsPath, text);
  for (const modules of [workflowInterceptorModules, copy.workflowInterceptorModules]) {
    const { code } = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules: [...modules], logger: new DefaultLogger('ERROR') });
    const holds = (path) => code.includes(`temporal-sdk/${path}`);
    // The index itself may be left out: webpack goes to what it hands on.
    assert.ok(holds(`${place}/core/errors.js`), `the root entry is not the core of ${place}`);
    assert.ok(names.every((each) => code.includes(each)));
    for (const runtime of ['node', 'bun', 'deno', 'edge', 'adapters']) {
      for (const each of ['dist', 'dist/cjs']) assert.ok(!holds(`${each}/bindings/${runtime}/`), `code of ${each}/bindings/${runtime} is in the bundle`);
    }
  }
}
console.log('bundles hold the core');
