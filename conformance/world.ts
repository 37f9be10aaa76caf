import { existsSync, mkdtempSync, promises, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenBox, OpenBoxOptions } from '../core/index.ts';
import { type RunningSite, startSite } from './site.ts';
import type { Asked, Case, CoreControl, Setting, Surface } from './surface.ts';
import { type CoreEvent, type LocalCore, startLocalCore } from './testing.ts';

/** The public API of one runtime's binding, and what the process says it is. */
export interface Runtime {
  readonly runtime: Surface['runtime'];
  readonly createOpenBox: (options: OpenBoxOptions) => Promise<OpenBox>;
  readonly traced: Surface['traced'];
}

export interface World extends AsyncDisposable {
  /** Runs a case on a clean slate. */
  run(testCase: Case): Promise<void>;
}

const WAIT = { timeoutMs: 10_000 };

/** The world that cases act on, for every runtime with `node:fs` and sockets. */
export async function createWorld({ runtime, createOpenBox, traced }: Runtime): Promise<World> {
  const core = await startLocalCore({ apiKeys: ['obx_test_conformance'] });
  const site = await startSite();
  const control = controlOf(core);

  return {
    async run(testCase) {
      await control.begin();
      site.clear();
      const folder = mkdtempSync(join(tmpdir(), 'openbox-conformance-'));
      try {
        await testCase.run({ runtime, traced, folder, ...surfaceOf(core, site, createOpenBox), core: control });
      } finally {
        rmSync(folder, { recursive: true, force: true });
        await control.end(testCase);
      }
    },
    async [Symbol.asyncDispose]() {
      await site.close();
      await core.close();
    },
  };
}

type Started = Pick<Surface, 'site' | 'fetch' | 'files' | 'start' | 'activity' | 'exists' | 'readText' | 'writeText'>;

function surfaceOf(core: LocalCore, site: RunningSite, createOpenBox: Runtime['createOpenBox']): Started {
  const start: Surface['start'] = (options = {}) =>
    createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey, logger: SILENT, ...options });
  return {
    site,
    start,
    // Looked up at each call, as a user's code does: it finds what is patched by then.
    fetch: (...args) => fetch(...args),
    files: promises,
    exists: existsSync,
    readText: (path) => readFileSync(path, 'utf8'),
    writeText: (path, text) => writeFileSync(path, text),
    async activity<R>(body: () => Promise<R>, { rules = [], options, input = [] }: Setting = {}) {
      await core.setPolicy({ rules });
      await using openbox = await start(options);
      // Awaited here: the declaration above closes as soon as this function is left.
      return await openbox.runWorkflow<readonly unknown[], R>({ workflowType: 'Conformance' }, input, ({ activity }) =>
        activity<readonly unknown[], R>('act', input, body),
      );
    },
  };
}

/** Verdicts of cases are no news. */
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

function controlOf(core: LocalCore): CoreControl & { begin(): Promise<void>; end(testCase: Case): Promise<void> } {
  const violations: string[] = [];
  const nextApproval = async (): Promise<string> => (await core.waitForApproval(WAIT)).id;
  return {
    url: core.url,
    asked: async () => (await core.events()).filter(({ path }) => path.endsWith('/evaluate')).map(askedOf),
    setRules: (rules) => core.setPolicy({ rules }),
    approveNext: async (changes = {}) => void (await core.approve(await nextApproval(), changes)),
    rejectNext: async (reason) => void (await core.reject(await nextApproval(), reason)),
    expireNext: async () => void (await core.expire(await nextApproval())),
    violations: async () => violations,
    begin: async () => {
      await core.setPolicy({});
      await core.clear();
    },
    end: async ({ id }) => {
      for (const event of await core.events()) {
        for (const { field, problem } of event.violations) violations.push(`${id}: ${event.path} ${field}: ${problem}`);
      }
    },
  };
}

function askedOf({ body }: CoreEvent): Asked {
  const span = body['hook_trigger'] === true ? body.spans?.[0] : undefined;
  const step = span === undefined ? String(body.event_type) : `${String(span['hook_type'])}/${String(span['stage'])}`;
  return { event: body, span, step };
}
