import { writesInLocale } from '../src/content/personalise.js';
import { compileRevision, type RenderMessage } from '../src/mime/compile-revision.js';
import type { Database } from '../src/store/database.js';
import { revisionReader, type RevisionRef } from '../src/store/revision-reader.js';
import type { StoredRevision } from '../src/store/revisions.js';

export interface CompiledRevision extends StoredRevision {
  render: RenderMessage;
  /** What it writes is that of Node's ICU. */
  writesInLocale: boolean;
}

/** Reads revisions for one worker and keeps the last few compiled. */
export function makeRevisionReader(database: Database): (ref: RevisionRef) => Promise<CompiledRevision> {
  return revisionReader(database, (deliveryId, stored) => ({
    ...stored,
    render: compileRevision({ deliveryId, ...stored }),
    writesInLocale: writesInLocale(stored.settings, stored.content),
  }));
}
