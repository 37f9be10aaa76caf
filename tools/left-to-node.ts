/**
 * Tests of the Temporal host of which nothing depends on the runtime, and that take long: they wait for timeouts and
 * retries of Temporal's, or play the same in every variant. `npm test` runs them on Node, `npm run temporal` on any.
 */
export const LEFT_TO_NODE: readonly string[] = [
  'approvals.halt',
  'approvals.matrix',
  'approvals.observe',
  'approvals.outage',
  'approvals.special',
  'worker.breaker',
  'worker.ends',
  'worker.halt',
  'worker.halt-beside',
  'worker.late-signals',
  'worker.observe',
  'worker.outage',
  'worker.replay',
  'worker.ticks',
  'worker.undelivered',
].map((name) => `bindings/temporal/${name}.test.ts`);
