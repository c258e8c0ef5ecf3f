import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataFolder } from './data-folder.js';
import { isErrno } from './process-identity.js';
import { syncPath, unfinishedName } from './whole-file.js';

/**
 * The stack's own signing key, made on first use. It is never replaced: of two processes that come at once, both get
 * the key of the first.
 *
 * @param make - makes a new one
 * @returns PEM
 */
export function obtainSystemKey({ systemKey }: DataFolder, make: () => string): string {
  return readIfThere(systemKey) ?? keep(systemKey, make());
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function keep(path: string, pem: string): string {
  const unfinished = unfinishedName(path);
  try {
    writeFileSync(unfinished, pem, { mode: 0o600, flag: 'wx' });
    syncPath(unfinished);
    // Unlike a rename, it takes nobody's place.
    linkSync(unfinished, path);
    syncPath(dirname(path));
    return pem;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return readFileSync(path, 'utf8');
    throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}
