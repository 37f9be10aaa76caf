// `npm run size`: what each file of core/ adds to a minified bundle of it.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './command.ts';

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['core/index.ts'],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  metafile: true,
  write: false,
  outdir: 'dist',
});
const [bundle] = outputFiles;
const [output] = Object.values(metafile.outputs);
if (bundle === undefined || output === undefined) throw new Error('esbuild wrote no bundle');

const files = Object.entries(output.inputs)
  .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
  .toSorted((a, b) => b.bytes - a.bytes);
for (const { path, bytes } of files) {
  const share = ((100 * bytes) / bundle.contents.length).toFixed(1);
  process.stdout.write(`${String(bytes).padStart(8)}  ${share.padStart(5)} %  ${path}\n`);
}
process.stdout.write(`${String(bundle.contents.length).padStart(8)}  bytes minified\n`);
process.stdout.write(`${String(gzipSync(bundle.contents, { level: 9 }).length).padStart(8)}  bytes minified and gzipped\n`);
