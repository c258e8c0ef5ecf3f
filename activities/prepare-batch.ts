import { clippedFrom } from '../src/delivery/control-rules/size-rules.js';
import type { LargeHtml } from '../src/delivery/control-rules/views.js';
import type { Profile } from '../src/delivery/definition.js';
import { isRecipientFault } from '../src/mime/compile-revision.js';
import type { Database } from '../src/store/database.js';
import {
  forgetLeaves,
  readPending,
  storePrepared,
  type Prepared,
  type UnpreparedMessage,
} from '../src/store/preparation.js';
import type { Dependencies } from './dependencies.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Rendered and written at a time: bounds memory, and lets heartbeats and a cancellation through between. */
const chunk = 500;

/**
 * Step 3: renders every message of a range once, so that what cannot be personalised is known before the approval and
 * each message has its leaf. Safe to repeat: the same messages give the same leaves.
 *
 * @returns the largest HTML of those that Gmail cuts off; nothing, which adds nothing to history, where there are none
 */
export async function prepareBatch(
  { database }: Dependencies,
  revision: CompiledRevision,
  range: { from: number; to: number },
): Promise<LargeHtml | undefined> {
  let largest: LargeHtml | undefined;
  await heartbeating(async (beat) => {
    for (let from = range.from; from <= range.to; from += chunk) {
      const to = Math.min(from + chunk - 1, range.to);
      const prepared: Prepared = { leaves: [], failures: [] };
      for (const message of await unprepared(database, revision, { from, to })) {
        const bytes = renderInto(prepared, revision, message);
        if (bytes > (largest?.bytes ?? clippedFrom) && message.row > 0) largest = { bytes, row: message.row };
      }
      await storePrepared(database, revision, prepared);
      beat({ prepared: to - range.from + 1 });
    }
  });
  return largest;
}

/** A kept leaf stands for all of its range that are kept: what would make one otherwise makes others so. */
async function unprepared(
  database: Database,
  revision: CompiledRevision,
  range: { from: number; to: number },
): Promise<UnpreparedMessage[]> {
  const pending = await readPending(database, revision, range);
  const kept = pending.find(({ leaf }) => leaf !== null);
  if (!kept) return pending;
  const again: Prepared = { leaves: [], failures: [] };
  renderInto(again, revision, kept);
  if (kept.leaf && again.leaves[0]?.leaf.equals(kept.leaf)) return pending.filter((message) => message !== kept);
  await forgetLeaves(database, revision, range);
  return await readPending(database, revision, range);
}

/** @returns octets of the message's HTML; 0 where it has none */
function renderInto(
  prepared: Prepared,
  revision: CompiledRevision,
  message: { seq: number; address: string; fields: Profile['fields'] },
): number {
  try {
    const { leaf, htmlBytes } = revision.render({ ...message, proof: 0, date: new Date(0) });
    prepared.leaves.push({ seq: message.seq, leaf });
    return htmlBytes;
  } catch (error) {
    if (!isRecipientFault(error)) throw error;
    prepared.failures.push({ seq: message.seq, fault: error.message });
    return 0;
  }
}
