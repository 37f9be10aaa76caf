import type * as fs from 'node:fs';
import type http from 'node:http';
import type { OpenBox, OpenBoxOptions } from '../core/index.ts';
import type { Rule } from './local-core/policy.ts';
import type { RequirementId } from './requirements.ts';

/** What a case may use: the public API and a world to act on, handed in by the runner of each runtime. */
export interface Surface {
  /** What the runner was told to be, and what the process says it is. */
  readonly runtime: { readonly expected: string; readonly actual: string; readonly version: string };
  readonly core: CoreControl;
  readonly site: Site;
  /** A fresh folder, absolute. */
  readonly folder: string;
  /** The runtime's own global functions, patched as a user's code finds them. */
  readonly fetch: typeof fetch;
  readonly http: Http;
  readonly files: Files;
  readonly importForms: readonly ImportForm[];
  readonly filesSync: FilesSync;
  readonly execFileSync: (file: string, args: readonly string[]) => string;
  readonly traced: <A extends unknown[], R>(fn: (...args: A) => R, options: TracedOptions) => (...args: A) => R;
  /** Starts governance against the local Core. */
  start(options?: OpenBoxOptions): Promise<OpenBox>;
  /** Starts governance, runs `body` as one activity, and closes again; a rule list is the policy meanwhile. */
  activity<R>(body: () => Promise<R>, setting?: Setting): Promise<R>;
  /** True where a file is there; for outside the activities, where nothing is asked. */
  exists(path: string): boolean;
  readText(path: string): string;
  writeText(path: string, text: string): void;
}

/** A function as one form of import gave it, before governance started. */
export interface ImportForm {
  /** As code has it. */
  readonly form: string;
  readonly writeFile: (path: string, text: string) => Promise<void>;
}

export interface Setting {
  readonly rules?: readonly Rule[];
  readonly options?: OpenBoxOptions;
  readonly input?: readonly unknown[];
}

export interface TracedOptions {
  readonly name: string;
  readonly module?: string;
  readonly captureArgs?: boolean;
  readonly captureResult?: boolean;
}

/** The promise functions of `node:fs` that every runtime with files has. */
export type Files = Pick<
  typeof fs.promises,
  'readFile' | 'writeFile' | 'appendFile' | 'open' | 'rm' | 'unlink' | 'rename' | 'mkdir' | 'readdir'
>;

/** What every runtime with `node:http` has of its client. */
export type Http = Pick<typeof http, 'request' | 'get' | 'Agent' | 'ClientRequest'>;

/** The synchronous ones. */
export type FilesSync = Pick<
  typeof fs,
  'readFileSync' | 'writeFileSync' | 'appendFileSync' | 'existsSync' | 'statSync' | 'mkdirSync' | 'readdirSync' | 'renameSync' | 'rmSync' | 'unlinkSync'
>;

/** What a case asks of the local Core. */
export interface CoreControl {
  readonly url: string;
  /** Every evaluate body since the case began, in order. */
  asked(): Promise<readonly Asked[]>;
  setRules(rules: readonly Rule[]): Promise<void>;
  approveNext(changes?: { readonly redactedInput?: unknown }): Promise<void>;
  rejectNext(reason: string): Promise<void>;
  expireNext(): Promise<void>;
  /** Payloads of the whole suite so far that break the contract. */
  violations(): Promise<readonly string[]>;
}

/** An evaluate body, with its one span beside it. */
export interface Asked {
  readonly event: Readonly<Record<string, unknown>>;
  readonly span: Readonly<Record<string, unknown>> | undefined;
  /** `ActivityStarted`, `http_request/started` … */
  readonly step: string;
}

/** A local site; every request it ever saw is kept. It upgrades whoever wants that, and echoes then. */
export interface Site {
  readonly url: string;
  /** `GET /hello` … since the case began. */
  hits(): Promise<readonly string[]>;
  /** The body of the last request. */
  lastBody(): Promise<string>;
  /** Lets `/slow-stream` go on with its second chunk. */
  releaseStream(): Promise<void>;
}

/** One case: an id, the requirements it proves, and what to do. */
export interface Case {
  readonly id: string;
  /** What of `requirements.ts` it proves. */
  readonly proves: readonly RequirementId[];
  run(surface: Surface): Promise<void>;
}
