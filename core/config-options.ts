import type { Duration } from './duration.ts';
import type { Operation } from './operation.ts';
import type { Logger } from './ports/logger.ts';

/** The options of OpenBox. Those with an environment variable take its value where they are left out or empty. */
export interface OpenBoxOptions {
  /** Address of OpenBox Core: `https:`, or `http:` for localhost, `127.0.0.1` and `[::1]`; or `OPENBOX_URL`. */
  readonly openboxUrl?: string | undefined;

  /** API key, `obx_live_…` or `obx_test_…`; or `OPENBOX_API_KEY`. */
  readonly openboxApiKey?: string | undefined;

  /**
   * Longest wait for an answer of Core's, in milliseconds or as text, 10 minutes at most; or `OPENBOX_GOVERNANCE_TIMEOUT` in seconds.
   * @default '30s'
   */
  readonly governanceTimeout?: Duration | undefined;

  /**
   * Longest wait for an answer to a synchronous operation, which blocks the thread, in milliseconds or as text, 10 minutes at most; then `governancePolicy` decides.
   * @default '5s'
   */
  readonly syncGovernanceTimeout?: Duration | undefined;

  /**
   * What happens when Core can't be reached: `'fail_open'` goes on with a warning, `'fail_closed'` refuses the operation and terminates the workflow; or `OPENBOX_GOVERNANCE_POLICY`. A Core that is down is asked only now and then whether it is back.
   * @default 'fail_open'
   */
  readonly governancePolicy?: 'fail_open' | 'fail_closed' | undefined;

  /**
   * Asks Core at start whether the key is valid, and starts neither with a bad key nor without an answer.
   * @default true
   */
  readonly validateApiKey?: boolean | undefined;

  /**
   * `'enforce'` enforces verdicts; `'observe'` asks for them and only logs: it stops nothing, replaces nothing, waits for no approval, and is named in every line and in `coverageReport()`.
   * @default 'enforce'
   */
  readonly mode?: 'enforce' | 'observe' | undefined;

  /**
   * Sends WorkflowStarted.
   * @default true
   */
  readonly sendStartEvent?: boolean | undefined;

  /**
   * Sends ActivityStarted.
   * @default true
   */
  readonly sendActivityStartEvent?: boolean | undefined;

  /**
   * Workflow types that send no events of their own.
   * @default []
   */
  readonly skipWorkflowTypes?: readonly string[] | undefined;

  /**
   * Activity types that are not governed; `send_governance_event` never is.
   * @default []
   */
  readonly skipActivityTypes?: readonly string[] | undefined;

  /**
   * Names of signals and updates that are not asked about.
   * @default []
   */
  readonly skipSignals?: readonly string[] | undefined;

  /**
   * Task queues whose workflows and activities are governed.
   * @default all
   */
  readonly enforceTaskQueues?: readonly string[] | undefined;

  /**
   * Whether people can be asked for approval; if not, REQUIRE_APPROVAL is refused like BLOCK.
   * @default true
   */
  readonly hitlEnabled?: boolean | undefined;

  /**
   * Time between two polls for an approval, in milliseconds or as text, from 1 millisecond to 1 day.
   * @default 5000
   */
  readonly hitlPollIntervalMs?: Duration | undefined;

  /**
   * Activity types for which REQUIRE_APPROVAL is logged and let through.
   * @default []
   */
  readonly skipHitlActivityTypes?: readonly string[] | undefined;

  /**
   * What an expired approval does: `'fail'` fails the activity, `'halt'` terminates the workflow.
   * @default 'fail'
   */
  readonly onApprovalExpired?: 'fail' | 'halt' | undefined;

  /**
   * How an operation inside an activity awaits its approval: `'rerun'` runs the activity again once it is granted, `'wait'` waits in place, `'auto'` chooses.
   * @default 'auto'
   */
  readonly hookApproval?: 'auto' | 'rerun' | 'wait' | undefined;

  /**
   * How often one step, from 1 to 1,000, may be approved and come back different when its activity runs again; then the activity fails.
   * @default 3
   */
  readonly maxApprovalRounds?: number | undefined;

  /**
   * What makes an operation the same as the one that was approved, for whoever knows better than its whole content: plain data, or `undefined` to leave it to OpenBox.
   * @default its whole content
   */
  readonly fingerprint?: ((operation: Operation) => unknown) | undefined;

  /**
   * Governs database drivers.
   * @default true
   */
  readonly instrumentDatabases?: boolean | undefined;

  /**
   * Names of the database drivers to govern.
   * @default all
   */
  readonly dbLibraries?: readonly string[] | undefined;

  /**
   * Database drivers as you have imported them, by the name of their package. Those that are modules of their own are found without it; bundled ones have to be given.
   * @default {}
   */
  readonly databases?: Readonly<Record<string, object>> | undefined;

  /**
   * Governs file operations.
   * @default true
   */
  readonly instrumentFileIo?: boolean | undefined;

  /**
   * Beginnings of URLs, `http:` or `https:`, whose requests are not governed.
   * @default []
   */
  readonly ignoredUrlPrefixes?: readonly string[] | undefined;

  /**
   * Bytes of a request or response body that Core is shown, 8 MiB at most.
   * @default 65536
   */
  readonly maxBodySize?: number | undefined;

  /**
   * Bytes of an answer of Core's, 1 GiB at most; a longer one is refused.
   * @default 4194304
   */
  readonly maxAnswerBytes?: number | undefined;

  /**
   * Shows Core the content of files read and written, cut at `maxBodySize`.
   * @default false
   */
  readonly captureFileContent?: boolean | undefined;

  /**
   * Shows Core the values in Redis commands; takes effect with the drivers to come.
   * @default false
   */
  readonly captureStatementValues?: boolean | undefined;

  /**
   * What happens to an operation that belongs to no activity while activities run: `'allow'` lets it through, `'report'` does too and warns, `'deny'` refuses it.
   * @default 'report'
   */
  readonly unattributed?: 'allow' | 'report' | 'deny' | undefined;

  /**
   * Refuses what is seen and cannot be governed here, instead of warning: synchronous operations where nothing can wait, or whose
   * thread does not start, routes that could not be patched. What the coverage table calls open is not seen at all.
   * @default false
   */
  readonly strict?: boolean | undefined;

  /**
   * Shows activities, operations and questions as spans of OpenTelemetry where the application has registered it, and takes ids from there.
   * @default true
   */
  readonly openTelemetry?: boolean | undefined;

  /**
   * Where OpenBox logs to: an object with the functions `info`, `warn` and `error`.
   * @default lines on standard error
   */
  readonly logger?: Logger | undefined;
}
