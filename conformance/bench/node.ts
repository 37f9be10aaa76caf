import { createOpenBox, govern, governSync } from '../../bindings/node/index.ts';
import { measureSyncQuestion } from './sync-question.ts';

console.log(JSON.stringify(await measureSyncQuestion({ createOpenBox, govern, governSync })));
