import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identify, isAlive, isErrno, processIdentitySchema, type ProcessIdentity } from './process-identity.js';
import { readJson, unfinishedName, writeWhole } from './whole-file.js';

const claimSchema = z.strictObject({ holder: processIdentitySchema.nullable() });

/** An exclusive lock of this process. */
export interface ExclusiveLock {
  release(): void;
}

/** The process that holds a lock which somebody else asked for. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';

  constructor(
    readonly folder: string,
    readonly holder: ProcessIdentity,
  ) {
    super(`${folder} is held by process ${holder.pid}`);
  }
}

/**
 * Takes a lock that a dead holder cannot keep. It is a folder of numbered claims, the highest of which counts: a free or
 * dead one is followed by linking the next number, which the file system gives to one process alone. Numbers only grow
 * (a release empties its claim instead of deleting it), so nobody can follow a claim that has already been followed.
 *
 * @param folder - made when missing; used for nothing else
 * @throws LockHeldError when its holder is alive
 */
export function takeLock(folder: string): ExclusiveLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Written beside and linked in: a claim is never seen half-written. Killed before the link, nothing is claimed.
  const written = unfinishedName(join(folder, 'claim'));
  writeFileSync(written, JSON.stringify({ holder: identify(process.pid) }), { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      const last = highestClaim(folder);
      const holder = holderOf(folder, last);
      if (holder && isAlive(holder)) throw new LockHeldError(folder, holder);
      const mine = last + 1;
      if (!linkExclusively(written, join(folder, String(mine)))) continue;
      // One who read the claims long ago may link a number that was used and tidied away since: a higher one stands.
      if (highestClaim(folder) !== mine) {
        rmSync(join(folder, String(mine)), { force: true });
        continue;
      }
      tidy(folder, mine);
      return { release: () => writeWhole(join(folder, String(mine)), JSON.stringify({ holder: null })) };
    }
  } finally {
    rmSync(written, { force: true });
  }
}

/** @returns who holds the lock now, if that process is alive */
export function lockHolder(folder: string): ProcessIdentity | undefined {
  const holder = holderOf(folder, highestClaim(folder));
  return holder && isAlive(holder) ? holder : undefined;
}

function claims(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{1,15}$/.test(name))
      .map(Number);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

const highestClaim = (folder: string): number => Math.max(0, ...claims(folder));

// A claim that does not read comes from a disk that lost it: whoever wrote it did not live through that either.
function holderOf(folder: string, claim: number): ProcessIdentity | undefined {
  return readJson(join(folder, String(claim)), claimSchema)?.holder ?? undefined;
}

function linkExclusively(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

function tidy(folder: string, mine: number): void {
  for (const claim of claims(folder)) if (claim < mine) rmSync(join(folder, String(claim)), { force: true });
}
