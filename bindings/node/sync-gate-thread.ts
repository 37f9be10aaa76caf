import { workerData } from 'node:worker_threads';
import { serveGate } from '../adapters/sync-gate-thread.ts';
import { openCoreFetch } from './core-fetch.ts';

serveGate({
  workerData,
  onExit: (listener) => void process.once('exit', listener),
  openFetch: ({ openboxUrl, governanceTimeout }) => openCoreFetch(openboxUrl, governanceTimeout).fetch,
});
