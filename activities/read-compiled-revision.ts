import { compileRevision, type RenderMessage } from '../src/mime/compile-revision.js';
import type { Database } from '../src/store/database.js';
import { readRevision, type StoredRevision } from '../src/store/revisions.js';
import type { RevisionRef } from './dependencies.js';

export interface CompiledRevision extends StoredRevision {
  render: RenderMessage;
}

/** Revisions never change, so a compiled one is as good as new; a worker is busy with a few at a time. */
const kept = 8;

/** Reads revisions for one worker and keeps the last few compiled. */
export function makeRevisionReader(database: Database): (ref: RevisionRef) => Promise<CompiledRevision> {
  const cache = new Map<string, CompiledRevision>();
  return async ({ deliveryId, revision }) => {
    const key = `${deliveryId}/${revision}`;
    const known = cache.get(key);
    cache.delete(key);
    const compiled = known ?? (await compile(database, deliveryId, revision));
    cache.set(key, compiled);
    const [oldest] = cache.keys();
    if (cache.size > kept && oldest !== undefined) cache.delete(oldest);
    return compiled;
  };
}

async function compile(database: Database, deliveryId: string, hash: string): Promise<CompiledRevision> {
  const stored = await readRevision(database, deliveryId, hash);
  return { ...stored, render: compileRevision({ deliveryId, ...stored }) };
}
