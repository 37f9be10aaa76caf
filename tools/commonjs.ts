// The second half of `npm run build`: dist/cjs, the CommonJS copy of dist. File by file, so that both trees have one shape:
// what a file finds beside itself (a thread, a workflow module) it finds in either.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { root } from './command.ts';

const from = join(root, 'dist');
const to = join(from, 'cjs');

/** What a bundler and Node look up in the nearest package.json. */
const manifest = { type: 'commonjs', sideEffects: ['./**/preload.*'] };

/** Stands in for `import.meta.url` where a file uses it. */
const MODULE_URL = 'moduleUrl';
const moduleUrl = `const ${MODULE_URL} = require("node:url").pathToFileURL(__filename).href;`;

async function commonJs(path: string): Promise<string> {
  const text = await readFile(join(from, path), 'utf8');
  const map = await readFile(join(from, `${path}.map`), 'base64');
  // Inside the text, the compiler's map is followed back to the sources.
  const mapped = text.replace(/^\/\/# sourceMappingURL=.*$/m, `//# sourceMappingURL=data:application/json;base64,${map}`);
  const { code } = await transform(mapped, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    define: { 'import.meta.url': MODULE_URL },
    ...(text.includes('import.meta.url') && { banner: moduleUrl }),
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile: path,
  });
  return code;
}

/** How a file of dist comes into the copy; others stay behind. Declarations are the same: the manifest says what they describe. */
const CONVERT: Readonly<Record<string, (path: string) => Promise<string>>> = {
  '.js': commonJs,
  '.d.ts': (path) => readFile(join(from, path), 'utf8'),
};

const files = (await readdir(from, { recursive: true })).filter((path) => !path.startsWith('cjs'));
await Promise.all(
  files.map(async (path) => {
    const [, convert] = Object.entries(CONVERT).find(([extension]) => path.endsWith(extension)) ?? [];
    if (convert === undefined) return;
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), await convert(path));
  }),
);
await writeFile(join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
