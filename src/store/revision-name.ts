import { createHash, type Hash } from 'node:crypto';
import { namedFile, revisionHash, targetDigest } from '../audit/revision-hash.js';
import { storable, storableValue } from './copy-format.js';
import type { NewRevision } from './revisions.js';

type Named = Pick<NewRevision, 'settings' | 'content' | 'queries'>;

/** @param target - and `excluded`: SHA-256 over each, as {@link revisionHash} has them */
export function nameOf({ settings, content, queries }: Named, target: string, excluded: string | undefined): string {
  const { sources, files } = content;
  return revisionHash({ settings, sources, files: files?.map(namedFile), target, excluded, queries });
}

/** Takes in whom a revision leaves out, as the ledger has it. */
export const addExcluded = (digest: Hash, address: string): void => void digest.update(`${address}\n`);

/**
 * Under which name a revision would be stored. It is read whole, and nothing is stored.
 *
 * @returns the hash, and how many profiles it has
 */
export async function nameRevision(
  revision: Named & Pick<NewRevision, 'profiles' | 'excluded'>,
): Promise<{ hash: string; profiles: number }> {
  const target = targetDigest();
  let profiles = 0;
  for await (const { row, address, fields } of revision.profiles) {
    profiles += 1;
    target.add(row, storable(address), storableValue(fields));
  }
  const excluded = revision.excluded && createHash('sha256');
  for (const { open } of revision.excluded ?? [])
    for await (const address of open()) if (excluded) addExcluded(excluded, storable(address));
  return { hash: nameOf(revision, target.hash(), excluded?.digest('hex')), profiles };
}
