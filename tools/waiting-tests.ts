/**
 * Tests of the Temporal host that mostly wait, for timeouts and retries of Temporal's or for a Core that is not there.
 * Nothing in them depends on the runtime: `npm test` runs them on Node, `npm run temporal` on any.
 */
export const WAITING_TESTS: readonly string[] = [
  'approvals.halt',
  'approvals.observe',
  'approvals.outage',
  'worker.breaker',
  'worker.late-signals',
  'worker.observe',
  'worker.outage',
  'worker.replay',
  'worker.undelivered',
].map((name) => `bindings/temporal/${name}.test.ts`);
