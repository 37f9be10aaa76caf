import fsDefault, * as fsNamespace from 'node:fs';
import { promises } from 'node:fs';
import promisesDefault, * as promisesNamespace from 'node:fs/promises';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ImportForm } from './surface.ts';

const require = createRequire(import.meta.url);

/** One function that writes a file, as an application may have got it; each of these ran before governance started. */
export const IMPORT_FORMS: readonly ImportForm[] = [
  { form: "import { writeFile } from 'node:fs/promises'", writeFile },
  { form: "import fs from 'node:fs/promises'", writeFile: promisesDefault.writeFile },
  { form: "import * as fs from 'node:fs/promises'", writeFile: promisesNamespace.writeFile },
  { form: "import { promises } from 'node:fs'", writeFile: promises.writeFile },
  { form: "import fs from 'node:fs'", writeFile: fsDefault.promises.writeFile },
  { form: "import * as fs from 'node:fs'", writeFile: fsNamespace.promises.writeFile },
  { form: "require('node:fs/promises')", writeFile: (require('node:fs/promises') as typeof promises).writeFile },
  { form: "require('node:fs').promises", writeFile: (require('node:fs') as { promises: typeof promises }).promises.writeFile },
  { form: "process.getBuiltinModule('node:fs/promises')", writeFile: process.getBuiltinModule('node:fs/promises').writeFile },
];
