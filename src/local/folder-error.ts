import { sep } from 'node:path';
import { types } from 'node:util';
import { isErrno } from './process-identity.js';

/** A folder of the stack that this user cannot work with: nothing that the program can mend. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

const problems: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it; perhaps another one made it',
  EPERM: 'this user may not use it; perhaps another one made it',
  EROFS: 'it can only be read',
  ENOTDIR: 'a file stands where a folder must be',
  EEXIST: 'a file stands where a folder must be',
  EISDIR: 'a folder stands where a file must be',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its path is too long',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota is used up',
};

/** Which folder is meant, and by which variable another one is named. */
export interface NamedFolder {
  what: string;
  path: string;
  variable: string;
}

/**
 * @param error - whatever was thrown, causes included
 * @returns what a person must know of it, where it came from working with that folder
 */
export function folderErrorOf({ what, path, variable }: NamedFolder, error: unknown): FolderError | undefined {
  // Not `instanceof`: Node's own errors are of another realm under jest.
  for (let inner = error; types.isNativeError(inner); inner = inner.cause) {
    const problem = isErrno(inner, ...Object.keys(problems)) ? problems[inner.code ?? ''] : unmakable(inner);
    if (problem === undefined) continue;
    const at = placeOf(inner) ?? path;
    // On the way to it, it, or in it.
    if (!`${at}${sep}`.startsWith(`${path}${sep}`) && !path.startsWith(`${at}${sep}`)) return undefined;
    const place = at === path ? '' : ` (at ${at})`;
    const advice = `Mend that, or name another folder in ${variable}`;
    return new FolderError(`the ${what} ${path} cannot be used: ${problem}${place}. ${advice}`, {
      cause: error,
    });
  }
  return undefined;
}

// Node's recursive mkdir looks after a failure whether the folder is there, and throws that it is not.
function unmakable(error: Error): string | undefined {
  return isErrno(error, 'ENOENT') && error.syscall === 'mkdir'
    ? 'it cannot be made: perhaps its disk is read-only'
    : undefined;
}

/** Of a copy, where it was to go. */
function placeOf(error: Error): string | undefined {
  const { dest, path } = error as NodeJS.ErrnoException & { dest?: string };
  return dest ?? path;
}
