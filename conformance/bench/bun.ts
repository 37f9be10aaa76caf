import { createOpenBox, govern, governSync } from '../../bindings/bun/index.ts';
import { measureSyncQuestion } from './sync-question.ts';

console.log(JSON.stringify(await measureSyncQuestion({ createOpenBox, govern, governSync })));
