// `npm run conformance -- --runtime node`: runs the shared cases on a runtime, and ends with its exit code.
import { prepareWorkerd } from './conformance-workerd.ts';
import { runtimeScript } from './runtime-script.ts';
import { testCommand } from './runtimes.ts';

const runner = (runtime: string): string => `./conformance/runners/${runtime}.ts`;

await runtimeScript(
  async (runtime) => ({ command: await testCommand(runtime, runner(runtime), { preload: `./bindings/${runtime}/preload.ts` }) }),
  { workerd: () => prepareWorkerd(runner('workerd')) },
);
