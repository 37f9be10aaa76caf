import type { Exchange } from './recorder.ts';
import type { ResearchResult } from './workflows.ts';

type Ending<T> = { readonly result: T } | { readonly failure: string };

/** What the demo promises to show, each looked up in what really happened. */
export function expectations(
  exchanges: readonly Exchange[],
  researched: Ending<ResearchResult>,
  runAway: Ending<string>,
  visits: readonly string[],
  violations: readonly object[],
  workers: number,
): readonly { readonly what: string; readonly holds: boolean }[] {
  const verdicts = new Set(exchanges.map(({ answer }) => answer['verdict']));
  const result = 'result' in researched ? researched.result : undefined;
  return [
    { what: 'ALLOW: the news page was read', holds: visits.includes('/news') },
    { what: 'CONSTRAIN: the model was called within limits', holds: verdicts.has('constrain') && result?.report !== undefined },
    { what: 'redaction: the phone number never reached the activity', holds: result?.contacted.phone === '[PHONE]' },
    {
      what: 'BLOCK: the site never saw a request for the internal page',
      holds: result?.secrets.includes('internal pages are off limits') === true && !visits.includes('/internal/secrets'),
    },
    { what: 'approval: asked, given, passed', holds: verdicts.has('require_approval') && result?.payment === 'paid 950' },
    {
      what: 'durable: the worker was killed while a human was asked; another went on, and nobody was asked twice',
      holds: workers === 2 && exchanges.filter(({ answer }) => answer['verdict'] === 'require_approval' && 'approval_id' in answer).length === 1,
    },
    {
      what: 'HALT: the runaway agent was terminated with the reason',
      holds: 'failure' in runAway && runAway.failure.includes('this agent may not delete databases'),
    },
    { what: 'contract: Core was sent nothing that it does not know', holds: exchanges.length > 0 && violations.length === 0 },
  ];
}
