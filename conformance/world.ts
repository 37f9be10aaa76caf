import type { OpenBox, OpenBoxOptions } from '../core/index.ts';
import { actualRuntime } from './actual-runtime.ts';
import type { Stage } from './stage.ts';
import type { Asked, Case, CoreControl, Setting, Surface } from './surface.ts';
import type { CoreEvent, LocalCore } from './testing.ts';

/** The public API of one runtime's binding. */
export interface Runtime {
  /** The runtime that the runner is for. */
  readonly expected: string;
  readonly createOpenBox: (options: OpenBoxOptions) => Promise<OpenBox>;
  readonly traced: Surface['traced'];
}

export interface World extends AsyncDisposable {
  /** Runs a case on a clean slate. */
  run(testCase: Case): Promise<void>;
}

const WAIT = { timeoutMs: 10_000 };

/** The world that cases act on. */
export function createWorld({ expected, createOpenBox, traced }: Runtime, stage: Stage): World {
  const { core, site, disk } = stage;
  const control = controlOf(core);
  const runtime = { expected, ...actualRuntime() };
  const start: Surface['start'] = (options = {}) =>
    createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey, logger: SILENT, ...options });
  const activity = async <R>(body: () => Promise<R>, { rules = [], options, input = [] }: Setting = {}): Promise<R> => {
    await core.setPolicy({ rules });
    await using openbox = await start(options);
    // Awaited here: the declaration above closes as soon as this function is left.
    return await openbox.runWorkflow<readonly unknown[], R>({ workflowType: 'Conformance' }, input, (scope) =>
      scope.activity<readonly unknown[], R>('act', input, body),
    );
  };

  return {
    async run(testCase) {
      await control.begin();
      await site.clear();
      const { folder, remove } = stage.openFolder();
      try {
        await testCase.run({
          runtime,
          traced,
          folder,
          site,
          start,
          activity,
          core: control,
          // Looked up when it is used, as a user's code does: it finds what is patched by then.
          fetch: (...args) => fetch(...args),
          get http() {
            return stage.http;
          },
          get files() {
            return disk.files;
          },
          get filesSync() {
            return disk.filesSync;
          },
          execFileSync: (file, args) => disk.execFileSync(file, args),
          get importForms() {
            return disk.importForms;
          },
          exists: (path) => disk.exists(path),
          readText: (path) => disk.readText(path),
          writeText: (path, text) => disk.writeText(path, text),
        });
      } finally {
        remove();
        await control.end(testCase);
      }
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
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
