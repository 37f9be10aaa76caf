import type { CoverageRow } from '../../core/index.ts';
import { governed, governedSync, impossible, open, under } from './coverage-rows.ts';

/** In both forms, of promises and synchronous. */
const FILE_FUNCTIONS =
  'readFile writeFile appendFile rm unlink rename mkdir readdir rmdir access stat lstat statfs copyFile link truncate chmod chown lchown utimes lutimes';

/** Every route out by global functions, built-in modules and packages that Node, Bun and Deno share. */
export const BUILTIN_COVERAGE: readonly CoverageRow[] = [
  ...governed('http_request', 'fetch http.request http.get https.request https.get http.ClientRequest'),
  ...open(
    'http_request',
    'planned',
    ['new http.ClientRequest({ createConnection })', 'http.Agent subclasses with an addRequest of their own'],
    'asked about where the request goes by http.request and the like as a property of its module, or the agent calls the method it replaces',
  ),
  ...open('http_request', 'planned', ['undici (the package)']),
  ...open('http_request', 'planned', ['http2.connect', 'WebSocket', 'EventSource']),

  ...governed('file_operation', under('fs.promises', `open ${FILE_FUNCTIONS}`).join(' ')),
  ...governedSync('file_operation', under('fs', `${FILE_FUNCTIONS} exists mkdtemp`).map((route) => `${route}Sync`)),
  ...governed(
    'file_operation',
    under('FileHandle', 'read readv readFile write writev writeFile appendFile stat truncate sync datasync chmod chown utimes').join(' '),
  ),
  ...open(
    'file_operation',
    'planned',
    under('fs.promises', 'cp glob lchmod mkdtemp opendir readlink realpath symlink watch'),
  ),
  ...open('file_operation', 'planned', ['FileHandle.readableWebStream'], "reads past the handle's methods unless its type is bytes"),
  ...open('file_operation', 'planned', ['fs.* with a callback', ...under('fs', 'createReadStream createWriteStream watch watchFile openAsBlob opendir')]),
  ...open(
    'file_operation',
    'planned',
    under(
      'fs',
      'openSync closeSync readSync readvSync writeSync writevSync fstatSync fchmodSync fchownSync fdatasyncSync fsyncSync ftruncateSync futimesSync cpSync globSync lchmodSync mkdtempDisposableSync opendirSync readlinkSync realpathSync symlinkSync',
    ),
  ),
  ...open('file_operation', 'planned', ["process.binding('fs')"], 'deprecated; Node’s own permission model refuses it'),
  impossible('file_operation', 'runtime-cannot', 'import, require', 'modules are loaded by the runtime itself'),

  ...open('function_call', 'planned', ['net.connect', 'net.Socket.connect', 'tls.connect', 'dgram.Socket.connect', 'dgram.Socket.send']),
  ...open('function_call', 'planned', ['dns.*', 'dns.promises.*']),
  ...open(
    'function_call',
    'planned',
    [...under('child_process', 'spawn exec execFile fork'), 'cluster.fork'],
    'children also inherit OPENBOX_API_KEY',
  ),
  ...governedSync('function_call', under('child_process', 'spawnSync execSync execFileSync')),
  ...open('function_call', 'planned', ['worker_threads.Worker'], 'a thread has module instances and a context of its own'),
  ...open('function_call', 'planned', ['vm.*', 'eval, new Function'], 'code inside still meets what is patched, unless it is given other globals'),
  ...open('function_call', 'planned', ['inspector.*', 'repl.*', 'trace_events.*', 'v8.*']),
  ...open('function_call', 'planned', ['process.dlopen', 'wasi.WASI']),
  impossible('function_call', 'opaque-after-start', 'native code', 'what an add-on or a child does once it runs: needs a sandbox of the operating system'),
  ...open('function_call', 'planned', ['traced(async function*)']),
  ...open('function_call', 'needs-preload', ['saved references'], 'functions taken off their module before governance started'),

  ...governed('db_query', 'pg').map((row) => ({ ...row, note: 'as soon as it is loaded as a module, or given as the option databases' })),
  ...open('db_query', 'planned', ['postgres', 'mysql2', 'mongodb', 'redis', 'ioredis', 'better-sqlite3', 'node:sqlite']),
];
