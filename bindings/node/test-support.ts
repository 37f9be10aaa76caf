import type { OpenBox, OpenBoxOptions } from '../../core/index.ts';
import { type Site, startSite } from '../adapters/test-support.ts';
import { createOpenBox } from './index.ts';

/** A body that Core was sent, and its one span. */
export interface Sent {
  readonly path: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly span: Readonly<Record<string, unknown>>;
  /** `ActivityStarted`, `http_request/started` … */
  readonly step: string;
}

export interface TestCore extends Site {
  readonly sent: Sent[];
  open(options?: OpenBoxOptions): Promise<OpenBox>;
}

/** A Core over HTTP that allows whatever `answer` says nothing about. */
export async function startCore(answer: (sent: Sent) => object | undefined = () => undefined): Promise<TestCore> {
  const sent: Sent[] = [];
  const site = await startSite(({ url, body }, response) => {
    response.setHeader('content-type', 'application/json');
    if (url.endsWith('/validate')) return response.end('{"valid":true,"active":true}');
    const one = read(url, body);
    sent.push(one);
    return response.end(JSON.stringify(answer(one) ?? { verdict: 'allow' }));
  });
  const open = (options: OpenBoxOptions = {}): Promise<OpenBox> =>
    createOpenBox({ openboxUrl: site.url, openboxApiKey: 'obx_test_node', ...options });
  return { ...site, sent, open };
}

function read(path: string, body: string): Sent {
  const event = JSON.parse(body) as Sent['event'];
  const [span = {}] = (event['spans'] ?? []) as Sent['span'][];
  const step = event['hook_trigger'] === true ? `${String(span['hook_type'])}/${String(span['stage'])}` : String(event['event_type']);
  return { path, event, span, step };
}

/** Runs `body` as the one activity of a workflow. */
export function activity<R>(openbox: OpenBox, body: () => Promise<R>, workflowType = 'Test'): Promise<R> {
  return openbox.runWorkflow({ workflowType }, [], (scope) => scope.activity('act', [], body));
}
