import type { Case } from '../surface.ts';
import { fileCases } from './files.ts';
import { functionCases } from './functions.ts';
import { httpCases } from './http.ts';
import { importCases } from './imports.ts';
import { nodeHttpCases } from './node-http.ts';
import { runtimeCases } from './runtime.ts';
import { syncCases } from './sync.ts';
import { verdictCases } from './verdicts.ts';
import { wireCases } from './wire.ts';

/** Every case of the suite; the first proves where it runs, the last looks back over the traffic of all. */
export const CASES: readonly Case[] = [
  ...runtimeCases,
  ...httpCases,
  ...nodeHttpCases,
  ...fileCases,
  ...importCases,
  ...functionCases,
  ...syncCases,
  ...verdictCases,
  ...wireCases,
];
