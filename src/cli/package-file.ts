import { fileURLToPath } from 'node:url';

/** From `dist/src/cli` and from `src/cli` alike: what the package carries beside its code. */
const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url);

/** @returns the absolute path of a file or folder of this package */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, root));
}
