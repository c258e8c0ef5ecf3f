import { demandsSignatures, type ApprovalSettings } from './approval-settings.js';

/** A reviewer's word on what a proof shows. */
export interface ContentReview {
  /** Operator id. */
  operator: string;
  verdict: 'approve' | 'reject';
  /** Number of the proof. */
  proof: number;
  /** By the reviewer's own key, verified. */
  signed?: boolean | undefined;
}

/** What is known of the current revision's content; a new revision voids all of it. */
export interface ProofedContent {
  /** Proofs of it, and whether a relay took at least one of their messages. */
  proofs: { proof: number; sent: boolean }[];
  /** The last word of each reviewer. */
  reviews: ContentReview[];
}

/** What a review or a confirmation is judged by. */
export interface ContentRequest {
  /** Each of them must be satisfied. */
  rules: readonly { settings: ApprovalSettings }[];
  /** Who submitted the revision. */
  author: string;
  /** Absent where there is no proof yet. */
  content?: ProofedContent | undefined;
}

/** Adds a reviewer's word; it stands in place of an earlier one. */
export function withReview(reviews: readonly ContentReview[], review: ContentReview): ContentReview[] {
  return [...reviews.filter(({ operator }) => operator !== review.operator), review];
}

/**
 * Whether a review may count, by the policy alone.
 *
 * @param lastProof - number of the delivery's last proof
 * @returns why it may not, or `undefined` when it counts
 */
export function refuseReview(
  { rules, author, content }: ContentRequest,
  { operator, verdict, proof, signed }: ContentReview,
  lastProof: number,
): string | undefined {
  if (!signed && demandsSignatures(rules))
    return 'a review on this delivery must be signed with the key of its reviewer';
  const gates = rules.flatMap(({ settings }) => (settings.contentApproval ? [settings] : []));
  if (gates.length === 0) return 'the definition names no reviewers in approval.contentApproval';
  const own = gates.filter((settings) => isReviewer(settings, operator));
  if (own.length === 0) return `operator "${operator}" is none of the reviewers`;
  if (verdict === 'approve' && !own.some((settings) => mayApprove(settings, operator, author)))
    return `four-eyes: operator "${operator}" submitted this revision and cannot approve its content`;
  if (proof > lastProof) return `there is no proof ${proof}`;
  const known = content?.proofs.find((one) => one.proof === proof);
  if (!known) return `proof ${proof} is stale: it shows an older revision`;
  return known.sent ? undefined : `no relay has taken a message of proof ${proof}`;
}

/** @returns why no confirmation of the current revision can count now; `undefined` when nothing holds it */
export function whyHeld({ rules, author, content }: ContentRequest): string | undefined {
  const { proofs, reviews } = content ?? { proofs: [], reviews: [] };
  const counting = demandsSignatures(rules) ? reviews.filter(({ signed }) => signed) : reviews;
  for (const { settings } of rules) {
    const reason = heldBy(settings, author, { proofs, reviews: counting });
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function heldBy(settings: ApprovalSettings, author: string, { proofs, reviews }: ProofedContent): string | undefined {
  if (settings.requireProof && !proofs.some(({ sent }) => sent))
    return 'no proof of the current revision was sent: "sealpost proof" sends one';
  if (!settings.contentApproval) return undefined;
  const words = reviews.filter(({ operator }) => isReviewer(settings, operator));
  const rejected = words.find(({ verdict }) => verdict === 'reject');
  if (rejected) return `reviewer "${rejected.operator}" rejected what proof ${rejected.proof} shows`;
  const approving = words.filter(({ operator }) => mayApprove(settings, operator, author));
  const missing = settings.contentApproval.quorum - new Set(approving.map(({ operator }) => operator)).size;
  if (missing <= 0) return undefined;
  return `${missing} more ${missing === 1 ? 'reviewer' : 'reviewers'} must approve the content: "sealpost proof approve"`;
}

const isReviewer = ({ contentApproval }: ApprovalSettings, operator: string): boolean =>
  contentApproval?.reviewers.includes(operator) === true;

const mayApprove = (settings: ApprovalSettings, operator: string, author: string): boolean =>
  isReviewer(settings, operator) && !(settings.fourEyes && operator === author);
