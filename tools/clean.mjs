// Removes the build output.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Resolved from this file: the path can never become the working directory.
rmSync(fileURLToPath(new URL('../dist', import.meta.url)), { recursive: true, force: true });
