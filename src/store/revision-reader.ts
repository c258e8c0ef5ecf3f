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

/** Reads revisions for one process and keeps what it made from the last few. */
export function revisionReader<Made>(
  database: Queryable,
  make: (deliveryId: string, revision: StoredRevision) => Made,
): (ref: RevisionRef) => Promise<Made> {
  const cache = new Map<string, Made>();
  return async ({ deliveryId, revision }) => {
    const key = `${deliveryId}/${revision}`;
    const made = cache.get(key) ?? make(deliveryId, await readRevision(database, deliveryId, revision));
    cache.delete(key);
    cache.set(key, made);
    const [oldest] = cache.keys();
    if (cache.size > kept && oldest !== undefined) cache.delete(oldest);
    return made;
  };
}
