import { createOpenBox, edgeBinding, traced } from '../../bindings/edge/index.ts';
import { CASES } from '../cases/index.ts';
import { connectStage, type StageAddress } from '../remote-stage.ts';
import { gapsOf, runCase } from '../run-case.ts';
import { createWorld } from '../world.ts';

/** What `workerd test` calls; it shows one result for all, so each case is told in a line of its own. */
export default {
  async test(_: unknown, address: StageAddress): Promise<void> {
    await using world = createWorld({ expected: 'workerd', createOpenBox, traced }, connectStage(address));
    const gaps = gapsOf(edgeBinding.coverage);
    let failed = 0;
    for (const testCase of CASES) {
      try {
        await runCase(world.run, testCase, gaps);
        console.log(`ok ${testCase.id}`);
      } catch (error) {
        failed++;
        console.log(`not ok ${testCase.id}`, error);
      }
    }
    console.log(`# pass ${CASES.length - failed}\n# fail ${failed}`);
    if (failed > 0) throw new Error(`${failed} cases failed`);
  },
};
