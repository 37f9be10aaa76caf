import { workerData } from 'node:worker_threads';
import { serveGate } from '../adapters/sync-gate-thread.ts';
import { webFetch } from '../adapters/web-fetch.ts';

serveGate({
  workerData,
  onExit: (listener) => void process.once('exit', listener),
  // Nothing is ever patched in this thread.
  openFetch: () => webFetch({ installed: new Map() }),
});
