import assert from 'node:assert/strict';
import type { Rule } from '../local-core/policy.ts';
import type { Case } from '../surface.ts';
import { spans, steps } from './steps.ts';

const FILE = 'file_operation';
const CALL = 'function_call';
const BLOCKED = { code: 'OPENBOX_BLOCKED' };

const block = (when: Rule['when']): Rule[] => [{ when, answer: { verdict: 'block' } }];

/** Operations that cannot wait asynchronously: the thread stands still for Core's answer. */
export const syncCases: readonly Case[] = [
  {
    id: 'readFileSync and its like give two evaluations each, and count bytes',
    proves: ['sync.files', 'file.bytes'],
    async run({ activity, filesSync, folder, core, readText }) {
      const path = `${folder}/a.txt`;
      await activity(async () => {
        filesSync.writeFileSync(path, 'grüße');
        filesSync.appendFileSync(path, '!');
        assert.equal(filesSync.readFileSync(path, 'utf8'), 'grüße!');
        assert.equal(filesSync.existsSync(path), true);
        assert.equal(filesSync.statSync(path).size, 8);
      });
      assert.equal(readText(path), 'grüße!');
      const all = spans(await core.asked(), FILE);
      assert.deepEqual(
        all.filter(({ stage }) => stage === 'started').map((span) => span['file_operation']),
        ['write', 'write', 'read', 'exists', 'stat'],
      );
      const completed = all.filter(({ stage }) => stage === 'completed');
      assert.deepEqual(new Set(completed.map((span) => span['bytes_written'] ?? span['bytes_read'])), new Set([1, 7, 8, null]));
      assert.equal(completed.length, 5);
      assert.ok(all.every((span) => span['file_path'] === path));
    },
  },
  ...['writeFileSync', 'appendFileSync', 'mkdirSync'].map(
    (method): Case => ({
      id: `a blocked ${method} leaves nothing behind`,
      proves: ['sync.files', 'hook.blocked-before-effect'],
      async run({ activity, filesSync, folder, exists }) {
        const path = `${folder}/blocked-${method}`;
        const call = async (): Promise<unknown> => (method === 'mkdirSync' ? filesSync.mkdirSync(path) : filesSync[method as 'writeFileSync'](path, 'x'));
        await assert.rejects(activity(call, { rules: block({ hook_type: FILE, stage: 'started' }) }), { ...BLOCKED, identifier: path });
        assert.equal(exists(path), false);
      },
    }),
  ),
  ...['rmSync', 'unlinkSync', 'renameSync'].map(
    (method): Case => ({
      id: `a blocked ${method} leaves everything as it is`,
      proves: ['sync.files', 'hook.blocked-before-effect'],
      async run({ activity, filesSync, folder, exists, writeText }) {
        const path = `${folder}/kept-${method}`;
        writeText(path, 'x');
        const call = async (): Promise<void> => (method === 'renameSync' ? filesSync.renameSync(path, `${path}-2`) : filesSync[method as 'rmSync'](path));
        await assert.rejects(activity(call, { rules: block({ file_operation: method.replace('Sync', ''), stage: 'started' }) }), BLOCKED);
        assert.equal(exists(path), true);
      },
    }),
  ),
  {
    id: 'a block at completed withholds what readFileSync read',
    proves: ['sync.files', 'hook.result-withheld'],
    async run({ activity, filesSync, folder, writeText }) {
      writeText(`${folder}/secret.txt`, 'secret');
      let seen: unknown = 'nothing';
      const read = async (): Promise<void> => void (seen = filesSync.readFileSync(`${folder}/secret.txt`, 'utf8'));
      await assert.rejects(activity(read, { rules: block({ file_operation: 'read', stage: 'completed' }) }), BLOCKED);
      assert.equal(seen, 'nothing');
    },
  },
  {
    id: 'execFileSync is told with command and arguments, credentials masked',
    proves: ['sync.processes'],
    async run({ activity, execFileSync, core }) {
      assert.equal(await activity(async () => execFileSync('echo', ['--token', 'hush', 'said'])), '--token hush said\n');
      const all = spans(await core.asked(), CALL);
      assert.deepEqual(
        all.map(({ stage, module, args, result }) => [stage, module, args, result]),
        [
          ['started', 'node:child_process', '["echo","--token","[REDACTED]","said"]', null],
          ['completed', 'node:child_process', '["echo","--token","[REDACTED]","said"]', '{"status":0,"signal":null}'],
        ],
      );
    },
  },
  {
    id: 'a blocked execFileSync starts no process',
    proves: ['sync.processes', 'hook.blocked-before-effect'],
    async run({ activity, execFileSync, folder, exists }) {
      const call = async (): Promise<unknown> => execFileSync('touch', [`${folder}/touched`]);
      await assert.rejects(activity(call, { rules: block({ function: 'execFileSync', stage: 'started' }) }), BLOCKED);
      assert.equal(exists(`${folder}/touched`), false);
    },
  },
  {
    id: 'a synchronous traced function is told',
    proves: ['sync.functions', 'function.shown'],
    async run({ activity, traced, core }) {
      const add = traced((a: number, b: number) => a + b, { name: 'add' });
      assert.equal(await activity(async () => add(1, 2)), 3);
      const all = spans(await core.asked(), CALL);
      assert.deepEqual(all.map(({ stage, args, result }) => [stage, args, result]), [
        ['started', '[1,2]', null],
        ['completed', '[1,2]', '3'],
      ]);
    },
  },
  {
    id: 'a blocked synchronous function does not run',
    proves: ['sync.functions', 'hook.blocked-before-effect'],
    async run({ activity, traced }) {
      let ran = false;
      const act = traced(() => void (ran = true), { name: 'act' });
      await assert.rejects(activity(async () => act(), { rules: block({ function: 'act', stage: 'started' }) }), BLOCKED);
      assert.equal(ran, false);
    },
  },
  {
    id: 'with strict a blocked synchronous function does not run, whether anything can wait here or not',
    proves: ['sync.denied-without-gate'],
    async run({ activity, traced }) {
      let ran = false;
      const act = traced(() => void (ran = true), { name: 'act' });
      await assert.rejects(activity(async () => act(), { rules: block({ function: 'act' }), options: { strict: true } }), BLOCKED);
      assert.equal(ran, false);
    },
  },
  ...(['drop', 'garbage', 'never'] as const).flatMap((fault): Case[] => {
    const rules: Rule[] = [{ when: { function: 'act', stage: 'started' }, answer: { fault } }];
    const options = { syncGovernanceTimeout: 2000 };
    return [
      {
        id: `with Core in trouble (${fault}) a synchronous operation goes on under fail_open`,
        proves: ['sync.error-policy', 'errors.fail-open'],
        async run({ activity, traced, core }) {
          const act = traced(() => 3, { name: 'act' });
          assert.equal(await activity(async () => act(), { rules, options }), 3);
          assert.ok(steps(await core.asked()).includes('function_call/started'));
        },
      },
      {
        id: `with Core in trouble (${fault}) a synchronous operation is refused under fail_closed`,
        proves: ['sync.error-policy', 'errors.fail-closed'],
        async run({ activity, traced }) {
          let ran = false;
          const act = traced(() => void (ran = true), { name: 'act' });
          const setting = { rules, options: { ...options, governancePolicy: 'fail_closed' as const } };
          await assert.rejects(activity(async () => act(), setting), { code: 'OPENBOX_HALTED', message: /OpenBox Core not reachable/ });
          assert.equal(ran, false);
        },
      },
    ];
  }),
  {
    id: 'a revoked key lets no synchronous operation through',
    proves: ['sync.error-policy', 'errors.auth'],
    async run({ activity, traced }) {
      let ran = false;
      const act = traced(() => void (ran = true), { name: 'act' });
      const rules: Rule[] = [{ when: { function: 'act' }, answer: { status: 401, json: {} } }];
      await assert.rejects(activity(async () => act(), { rules }), { code: 'OPENBOX_AUTH_FAILED' });
      assert.equal(ran, false);
    },
  },
  {
    id: 'a synchronous operation that needs an approval is refused where it cannot run again',
    proves: ['sync.approval'],
    async run({ activity, traced }) {
      let ran = false;
      const act = traced(() => void (ran = true), { name: 'act' });
      const rules: Rule[] = [{ when: { function: 'act' }, answer: { verdict: 'require_approval', reason: 'a human must look' } }];
      await assert.rejects(activity(async () => act(), { rules }), { ...BLOCKED, message: /^Approval required: a human must look; a synchronous operation cannot wait/ });
      assert.equal(ran, false);
    },
  },
  {
    id: 'a synchronous question waits for no report under way',
    proves: ['sync.waits-for-nothing'],
    async run({ activity, traced, core }) {
      const tell = traced(async (): Promise<void> => {}, { name: 'tell' });
      const act = traced(() => 3, { name: 'act' });
      // Its report is answered only after the other's question: under fail_closed waiting for it would end in a HALT.
      const rules: Rule[] = [{ when: { function: 'tell', stage: 'completed' }, answer: { verdict: 'allow', delay_ms: 500 } }];
      const both = async (): Promise<number> => {
        await tell();
        return act();
      };
      assert.equal(await activity(both, { rules, options: { governancePolicy: 'fail_closed' } }), 3);
      const asked = spans(await core.asked(), CALL).filter(({ stage }) => stage === 'started');
      assert.deepEqual(asked.map((span) => span['function']), ['tell', 'act']);
    },
  },
];
