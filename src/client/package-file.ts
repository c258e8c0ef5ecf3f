import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** From `dist/src/client` and from `src/client` alike: what the package carries beside its code. */
const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url);

/** @returns the absolute path of a file or folder of this package */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/** The version of this package. */
export function packageVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))).version;
}
