import assert from 'node:assert/strict';
import type { Case } from '../surface.ts';
import { spans } from './steps.ts';

const FILE = 'file_operation';

type Span = Readonly<Record<string, unknown>>;
const shown = (all: readonly Span[]): string[] => all.map((span) => `${String(span['file_operation'])}/${String(span['stage'])}`);

export const fileCases: readonly Case[] = [
  {
    id: 'readFile and writeFile give two evaluations each, and count bytes',
    proves: ['file.one-shot', 'file.bytes', 'hook.two-stages'],
    async run({ activity, files, folder, core, readText }) {
      const path = `${folder}/a.txt`;
      await activity(async () => {
        await files.writeFile(path, 'grüße');
        await files.appendFile(path, '!');
        assert.equal(await files.readFile(path, 'utf8'), 'grüße!');
      });
      assert.equal(readText(path), 'grüße!');
      const all = spans(await core.asked(), FILE);
      assert.deepEqual(shown(all), ['write/started', 'write/completed', 'write/started', 'write/completed', 'read/started', 'read/completed']);
      assert.equal(all[1]?.['bytes_written'], 7);
      assert.equal(all[3]?.['bytes_written'], 1);
      assert.equal(all[5]?.['bytes_read'], 8);
      assert.ok(all.every((span) => span['file_path'] === path));
    },
  },
  {
    id: 'open, read, write, close',
    proves: ['file.handle'],
    async run({ activity, files, folder, core, writeText }) {
      const path = `${folder}/handle.txt`;
      writeText(path, 'grüße');
      await activity(async () => {
        const handle = await files.open(path, 'r+');
        const { bytesRead } = await handle.read(new Uint8Array(4), 0, 4, 0);
        assert.equal(bytesRead, 4);
        await handle.write('xyz', 0);
        await handle.close();
      });
      const all = spans(await core.asked(), FILE);
      assert.deepEqual(shown(all), ['open/started', 'read/started', 'read/completed', 'write/started', 'write/completed', 'close/completed']);
      assert.equal(all[0]?.['file_mode'], 'r+');
      assert.equal(all[0]?.['span_id'], all[5]?.['span_id']);
      assert.deepEqual([all[5]?.['bytes_read'], all[5]?.['bytes_written'], all[5]?.['operations']], [4, 3, ['read', 'write']]);
    },
  },
  {
    id: 'a failing open is told, and surfaces as the caller’s own error',
    proves: ['file.handle'],
    async run({ activity, files, folder, core }) {
      await assert.rejects(activity(async () => files.open(`${folder}/absent.txt`)), { code: 'ENOENT' });
      const all = spans(await core.asked(), FILE);
      assert.deepEqual(shown(all), ['open/started', 'open/completed']);
      assert.match(String(all[1]?.['error']), /ENOENT/);
    },
  },
  {
    id: 'other methods carry their own name',
    proves: ['file.names'],
    async run({ activity, files, folder, core, writeText, exists }) {
      writeText(`${folder}/one.txt`, '1');
      await activity(async () => {
        await files.mkdir(`${folder}/deep/er`, { recursive: true });
        await files.rename(`${folder}/one.txt`, `${folder}/deep/two.txt`);
        assert.deepEqual((await files.readdir(`${folder}/deep`)).sort(), ['er', 'two.txt']);
        await files.unlink(`${folder}/deep/two.txt`);
        await files.rm(`${folder}/deep`, { recursive: true });
      });
      assert.equal(exists(`${folder}/deep`), false);
      const all = spans(await core.asked(), FILE);
      const started = all.filter(({ stage }) => stage === 'started').map((span) => span['file_operation']);
      assert.deepEqual(started, ['mkdir', 'rename', 'readdir', 'unlink', 'rm']);
      const rename = all.find((span) => span['file_operation'] === 'rename');
      assert.deepEqual(rename?.['attributes'], {
        'file.path': `${folder}/one.txt`,
        'file.target_path': `${folder}/deep/two.txt`,
      });
    },
  },
  ...['writeFile', 'appendFile', 'mkdir', 'open'].map(
    (method): Case => ({
      id: `a blocked ${method} leaves nothing behind`,
      proves: ['hook.blocked-before-effect'],
      async run({ activity, files, folder, exists }) {
        const path = `${folder}/blocked-${method}`;
        const call = (): Promise<unknown> =>
          method === 'mkdir' ? files.mkdir(path) : method === 'open' ? files.open(path, 'w') : files[method as 'writeFile'](path, 'x');
        const rules = [{ when: { hook_type: FILE, stage: 'started' }, answer: { verdict: 'block' } }] as const;
        await assert.rejects(activity(call, { rules }), { code: 'OPENBOX_BLOCKED', identifier: path });
        assert.equal(exists(path), false);
      },
    }),
  ),
  ...['rm', 'unlink', 'rename'].map(
    (method): Case => ({
      id: `a blocked ${method} leaves everything as it is`,
      proves: ['hook.blocked-before-effect'],
      async run({ activity, files, folder, exists, writeText }) {
        const path = `${folder}/kept-${method}`;
        writeText(path, 'x');
        const rules = [{ when: { file_operation: method, stage: 'started' }, answer: { verdict: 'block' } }] as const;
        const call = (): Promise<void> => (method === 'rename' ? files.rename(path, `${path}-2`) : files[method as 'rm'](path));
        await assert.rejects(activity(call, { rules }), { code: 'OPENBOX_BLOCKED' });
        assert.equal(exists(path), true);
      },
    }),
  ),
  {
    id: 'a block at completed withholds what was read',
    proves: ['hook.result-withheld'],
    async run({ activity, files, folder, writeText }) {
      writeText(`${folder}/secret.txt`, 'secret');
      let seen: unknown = 'nothing';
      const rules = [{ when: { file_operation: 'read', stage: 'completed' }, answer: { verdict: 'block' } }] as const;
      await assert.rejects(
        activity(
          async () => {
            seen = await files.readFile(`${folder}/secret.txt`, 'utf8');
          },
          { rules },
        ),
        { code: 'OPENBOX_BLOCKED' },
      );
      assert.equal(seen, 'nothing');
    },
  },
  {
    id: 'paths are shown absolute and normalised',
    proves: ['file.paths'],
    async run({ activity, files, folder, core, writeText }) {
      writeText(`${folder}/p.txt`, 'x');
      await activity(async () => {
        await files.readFile(`${folder}/.//p.txt`);
        await files.readFile(new URL(`file://${folder}/p.txt`));
      });
      for (const span of spans(await core.asked(), FILE)) assert.equal(span['file_path'], `${folder}/p.txt`);
    },
  },
  {
    id: 'content is shown only where capture is on',
    proves: ['file.content'],
    async run({ activity, files, folder, core }) {
      const write = async (): Promise<void> => files.writeFile(`${folder}/c.txt`, 'content');
      await activity(write);
      const off = (await core.asked()).length;
      assert.ok(spans(await core.asked(), FILE).every((span) => !('data' in span)));
      await activity(write, { options: { captureFileContent: true } });
      const [started] = spans((await core.asked()).slice(off), FILE);
      assert.equal(started?.['data'], 'content');
    },
  },
  {
    id: 'outside an activity no file is asked about',
    proves: ['outside.untouched'],
    async run({ start, files, folder, core, readText }) {
      await using _openbox = await start();
      await files.writeFile(`${folder}/outside.txt`, 'x');
      assert.equal(readText(`${folder}/outside.txt`), 'x');
      assert.deepEqual(await core.asked(), []);
    },
  },
  {
    id: 'fetch of a file: URL is a read, where the runtime has it',
    proves: ['file.fetched'],
    async run({ activity, fetch, folder, writeText, core }) {
      writeText(`${folder}/page.txt`, 'on disk');
      const url = new URL(`file://${folder}/page.txt`).href;
      const read = await activity(async () => (await fetch(url)).text());
      assert.equal(read, 'on disk');
      assert.deepEqual(shown(spans(await core.asked(), FILE)), ['read/started', 'read/completed']);
      const rules = [{ when: { file_operation: 'read', stage: 'completed' }, answer: { verdict: 'block', reason: 'no' } }] as const;
      await assert.rejects(activity(async () => (await fetch(url)).text(), { rules }), { code: 'OPENBOX_BLOCKED' });
    },
  },
];
