import { promises as fs, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Activities, Place } from './activities.ts';

type Handle = Awaited<ReturnType<typeof fs.open>>;

/** What reads and writes a file at once. */
interface Whole {
  read(path: string): Promise<Buffer>;
  write(path: string, text: string): Promise<void>;
}

const wholeAsync: Whole = { read: (path) => fs.readFile(path), write: (path, text) => fs.writeFile(path, text) };

/** As the recorded code does it: the thread stands still. */
export const wholeSync: Whole = { read: async (path) => readFileSync(path), write: async (path, text) => writeFileSync(path, text) };

/** Files by `fs.promises`: lines are read and written as pieces, for a handle of Node's has no call for one. */
export function fileActivities({ folder }: Place, { read, write }: Whole = wholeAsync): Activities {
  const at = (name: string): string => join(folder, name);

  async function opened<R>(name: string, flags: string, use: (handle: Handle) => Promise<R>): Promise<R> {
    const handle = await fs.open(at(name), flags);
    const result = await use(handle);
    await handle.close();
    return result;
  }

  return {
    file_text: async () => {
      await opened('a.txt', 'w', async (handle) => {
        await handle.write('grüße\n');
        await handle.writev(['two\n', 'three\n'].map((line) => Buffer.from(line)));
      });
      const lines = await opened('a.txt', 'r', async (handle) => {
        const first = await piece(handle, Buffer.byteLength('grüße\n'));
        const rest = await piece(handle, Buffer.byteLength('two\nthree\n'));
        return [first.toString(), rest.toString().match(/.+\n/g)] as const;
      });
      const whole = await opened('a.txt', 'r', (handle) => handle.readFile('utf8'));
      await opened('a.txt', 'a', (handle) => handle.write('four\n'));
      return [...lines, whole];
    },
    file_binary: async () => {
      await opened('b.bin', 'w', (handle) => handle.write(Uint8Array.of(0, 1, 255, 254)));
      const whole = await opened('b.bin', 'r', (handle) => handle.readFile());
      const halves = await opened('b.bin', 'r', async (handle) => [await piece(handle, 2), await piece(handle, 2)]);
      return [whole, ...halves].map((bytes) => [...bytes]);
    },
    file_other: async () => {
      await write(at('c.txt'), 'via pathlib\nsecond\n');
      const text = (await read(at('c.txt'))).toString();
      const lines = await opened('c.txt', 'r', async (handle) => {
        const all: string[] = [];
        for await (const line of handle.readLines({ autoClose: false })) all.push(`${line}\n`);
        return all;
      });
      const missing = await fs.open(at('does-not-exist.txt'), 'r').then(() => '', (error: { code: string }) => error.code);
      const nothing = await read('/dev/null');
      const handle = await fs.open(at('c.txt'), 'r');
      await piece(handle, 3);
      await handle.close();
      await handle.close();
      return [text, lines, missing, nothing.length, text.length];
    },
  };
}

async function piece(handle: Handle, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length);
  return buffer.subarray(0, bytesRead);
}
