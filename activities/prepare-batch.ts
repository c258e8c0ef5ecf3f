import { Context } from '@temporalio/activity';
import { clippedFrom } from '../src/delivery/control-rules/size-rules.js';
import { largerParts, oversizedParts, type LargeParts } from '../src/delivery/large-parts.js';
import { isRecipientFault, type RenderedMessage } from '../src/mime/compile-revision.js';
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
 * @returns the largest parts of those that Gmail or a mobile's operator cuts off; nothing, which adds nothing to history,
 *   where there are none
 */
export async function prepareBatch(
  { database }: Pick<Dependencies, 'database'>,
  revision: CompiledRevision,
  range: { from: number; to: number },
): Promise<LargeParts | undefined> {
  let large: LargeParts | undefined;
  await heartbeating(async (beat) => {
    // What an attempt that was killed had found of its messages died with it.
    if (Context.current().info.attempt > 1) await forgetLeaves(database, revision, range);
    for (let from = range.from; from <= range.to; from += chunk) {
      const to = Math.min(from + chunk - 1, range.to);
      const prepared: Prepared = { leaves: [], failures: [] };
      for (const message of await unprepared(database, revision, { from, to })) {
        const rendered = renderInto(prepared, revision, message);
        const parts = rendered && message.row > 0 ? partsTooLarge(message.row, rendered) : undefined;
        if (parts) large = largerParts(large ?? {}, parts);
      }
      await storePrepared(database, revision, prepared);
      beat({ prepared: to - range.from + 1 });
    }
  });
  return large;
}

/** @returns undefined for nearly every message */
function partsTooLarge(row: number, { htmlBytes, mobile }: RenderedMessage): LargeParts | undefined {
  // Gmail has no mobile's messages.
  if (!mobile) return htmlBytes > clippedFrom ? { clipped: { bytes: htmlBytes, row } } : undefined;
  const oversized = oversizedParts(row, mobile);
  return oversized.length > 0 ? { oversized } : undefined;
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

/** @returns undefined where it could not be made */
function renderInto(
  prepared: Prepared,
  revision: CompiledRevision,
  { seq, address, fields }: Pick<UnpreparedMessage, 'seq' | 'address' | 'fields'>,
): RenderedMessage | undefined {
  try {
    // Not spread: see `renderSealed`.
    const rendered = revision.render({ proof: 0, seq, address, fields, date: new Date(0) });
    prepared.leaves.push({ seq, leaf: rendered.leaf });
    return rendered;
  } catch (error) {
    if (!isRecipientFault(error)) throw error;
    prepared.failures.push({ seq, fault: error.message });
    return undefined;
  }
}
