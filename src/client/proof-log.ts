import { withReview, type ContentReview, type ProofedContent } from '../delivery/content-approval.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import { tookAny, type ReasonCounts } from '../delivery/message-status.js';

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

/** A reviewer's word on a proof. Refused ones are kept too. */
export interface ProofReview extends ContentReview {
  comment?: string;
  /** ISO 8601. */
  at: string;
  accepted: boolean;
  /** Why it was refused. */
  reason?: string;
}

/** Reviewers' words in order, those on older revisions too. */
export function proofReviews(journal: readonly JournalEntry[]): ProofReview[] {
  return journal.flatMap(({ kind, operator, verdict, proof, comment, at, accepted, reason, signed }) => {
    if (kind !== 'reviewProof' || operator === undefined || proof === undefined) return [];
    if (verdict !== 'approve' && verdict !== 'reject') return [];
    const words = comment === undefined ? {} : { comment };
    return [
      {
        operator,
        verdict,
        proof,
        ...words,
        at,
        accepted: accepted === true,
        ...(signed === undefined ? {} : { signed }),
        ...(reason === undefined ? {} : { reason }),
      },
    ];
  });
}

/** What the workflow knows of the current revision's content, by what the journal tells of it. */
export function proofedContent(journal: readonly JournalEntry[], current: string): ProofedContent {
  return {
    proofs: proofLog(journal, current, new Map()).flatMap(({ proof, stale, counts }) =>
      stale ? [] : [{ proof, sent: tookAny(counts) }],
    ),
    reviews: proofReviews(journal.slice(startOfRevision(journal)))
      .filter(({ accepted }) => accepted)
      .reduce<ContentReview[]>(withReview, []),
  };
}

/** @returns the index in the journal from which on entries are about the current revision */
function startOfRevision(journal: readonly JournalEntry[]): number {
  // A proof that is under way when a revision is submitted is still journalled before that one is taken up.
  return (
    1 +
    journal.findLastIndex(
      ({ kind, phase, accepted }) => (kind === 'revise' && accepted) || (kind === 'phase' && phase === 'checking'),
    )
  );
}
