// In front of every test of `npm run temporal -- no-cache`: each workflow task begins with a replay from the start.
import { Worker } from '@temporalio/worker';

const { create } = Worker;
Worker.create = (options) => create.call(Worker, { ...options, maxCachedWorkflows: 0 });
