import { clippedFrom } from '../src/delivery/control-rules/size-rules.js';
import type { LargeHtml } from '../src/delivery/control-rules/views.js';
import type { Profile } from '../src/delivery/definition.js';
import { isRecipientFault } from '../src/mime/compile-revision.js';
import { readPending, storePrepared, type Prepared } from '../src/store/preparation.js';
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
      for (const message of await readPending(database, revision, { from, to })) {
        const bytes = renderInto(prepared, revision, message);
        if (bytes > (largest?.bytes ?? clippedFrom)) largest = { bytes, row: message.seq };
      }
      await storePrepared(database, revision, prepared);
      beat({ prepared: to - range.from + 1 });
    }
  });
  return largest;
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
