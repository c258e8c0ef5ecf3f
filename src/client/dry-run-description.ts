import type { JournalEntry } from '../delivery/journal-entry.js';
import type { Reason } from '../delivery/message-status.js';
import type { DryRunOutcome } from '../delivery/dry-run.js';
import type { Queryable } from '../store/database.js';
import { countDryRun } from '../store/dry-run.js';

/** What the last dry run of the sealed target has found. */
export interface DryRunDescription {
  /** Recipients by outcome and reason, the most frequent first. */
  answers: { outcome: DryRunOutcome; reason: Reason | null; count: number }[];
  /** Recipients of whom nothing is known. */
  untried: number;
  /** When it ended and who had asked for it; absent while it is under way. */
  ended?: {
    /** ISO 8601. */
    at: string;
    operator: string;
    /** Why it ended early. */
    reason?: string;
  };
}

/**
 * @param sealed - the seal that stands, and the messages under it
 * @returns undefined where none was made of this seal
 */
export async function describeDryRun(
  database: Queryable,
  deliveryId: string,
  { seal, sealedCount = 0 }: { seal?: string; sealedCount?: number },
  journal: readonly JournalEntry[],
): Promise<DryRunDescription | undefined> {
  const since = journal.findLastIndex(({ kind }) => kind === 'sealed');
  const last = journal.findLast(({ kind, accepted, ...entry }, index) => {
    // One that something overtook may end after the seal that came in its place.
    if (kind === 'dry-run') return index > since && entry.seal === seal;
    return index > since && kind === 'dryRun' && accepted;
  });
  if (seal === undefined || !last) return undefined;
  const answers = await countDryRun(database, deliveryId);
  const untried = sealedCount - answers.reduce((sum, { count }) => sum + count, 0);
  if (last.kind === 'dryRun') return { answers, untried };
  const { at, operator = '', reason } = last;
  return { answers, untried, ended: { at, operator, ...(reason === undefined ? {} : { reason }) } };
}
