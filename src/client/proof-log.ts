import type { JournalEntry } from '../delivery/journal-entry.js';
import type { ReasonCounts } from '../delivery/message-status.js';

/** One numbered proof. */
export interface ProofDescription {
  proof: number;
  /** ISO 8601: when all of its messages had an answer. */
  at: string;
  revision: string;
  /** A later revision took its place, be it of the same text. */
  stale: boolean;
  /** The operator who asked for it; absent where it came with its revision. */
  askedBy?: string;
  /** Messages by status. */
  counts: Record<string, number>;
  /** Messages that were left out, by reason; `counts` has them as `ignored`. */
  leftOut: ReasonCounts;
}

/**
 * @param journal - of one delivery, in order
 * @param current - hash of its current revision
 * @param excluded - by number of the proof
 */
export function proofLog(
  journal: readonly JournalEntry[],
  current: string,
  excluded: ReadonlyMap<number, ReasonCounts>,
): ProofDescription[] {
  const since = startOfRevision(journal);
  return journal.flatMap(({ kind, proof, at, revision, operator, counts = {} }, index) => {
    if (kind !== 'proof' || proof === undefined || revision === undefined) return [];
    const stale = index < since || revision !== current;
    const askedBy = operator === undefined ? {} : { askedBy: operator };
    return [{ proof, at, revision, stale, ...askedBy, counts, leftOut: excluded.get(proof) ?? {} }];
  });
}

/** @returns the index in the journal from which on entries are about the current revision */
export function startOfRevision(journal: readonly JournalEntry[]): number {
  // A proof that is under way when a revision is submitted is still journalled before that one is taken up.
  return (
    1 +
    journal.findLastIndex(
      ({ kind, phase, accepted }) => (kind === 'revise' && accepted) || (kind === 'phase' && phase === 'checking'),
    )
  );
}
