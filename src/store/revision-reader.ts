import { fileCharacters } from '../delivery/definition.js';
import type { Queryable } from './database.js';
import { readRevision, type StoredRevision } from './revisions.js';

/** Names a revision, also in an activity's input. */
export interface RevisionRef {
  deliveryId: string;
  /** SHA-256, hexadecimal. */
  revision: string;
}

/** Revisions never change, so what was made from one is as good as new; a process is busy with a few at a time. */
const kept = 8;
/** Characters of attached files in base64, of all that are kept but the last. */
const keptFiles = 32 * 1024 * 1024;

interface Kept<Made> {
  made: Promise<Made>;
  /** Known once it is read. */
  size: { files: number };
}

/** Reads revisions for one process and keeps what it made from the last few. */
export function revisionReader<Made>(
  database: Queryable,
  make: (deliveryId: string, revision: StoredRevision) => Made,
): (ref: RevisionRef) => Promise<Made> {
  const cache = new Map<string, Kept<Made>>();
  const read = async ({ deliveryId, revision }: RevisionRef, size: Kept<Made>['size']): Promise<Made> => {
    const stored = await readRevision(database, deliveryId, revision);
    size.files = fileCharacters(stored.content);
    return make(deliveryId, stored);
  };
  const begin = (ref: RevisionRef): Kept<Made> => {
    const size = { files: 0 };
    return { size, made: read(ref, size) };
  };
  return async (ref) => {
    const key = `${ref.deliveryId}/${ref.revision}`;
    const one = cache.get(key) ?? begin(ref);
    cache.delete(key);
    cache.set(key, one);
    try {
      return await one.made;
    } catch (error) {
      if (cache.get(key) === one) cache.delete(key);
      throw error;
    } finally {
      dropOldest(cache);
    }
  };
}

function dropOldest(cache: Map<string, Kept<unknown>>): void {
  let files = [...cache.values()].reduce((sum, { size }) => sum + size.files, 0);
  for (const [key, { size }] of cache) {
    if (cache.size === 1 || (cache.size <= kept && files <= keptFiles)) return;
    cache.delete(key);
    files -= size.files;
  }
}
