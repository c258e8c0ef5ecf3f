import {
  evaluateApproval,
  rulesInForce,
  type ApprovalOutcome,
  type ApprovalRules,
  type DecisionRequest,
} from './approval-policy.js';
import type { Command } from './command.js';
import { refuseReview, withReview } from './content-approval.js';
import type { CheckedSignature } from './signed-statement.js';
import { durationMs } from './duration.js';
import { lateStart } from './late-start.js';
import { isFinal, isUnderWay } from './phase.js';
import { enter, note } from './journal-notes.js';
import type { ProcessState, RevisionTerms } from './process.js';

/** What the approval policy makes of the decisions so far; `waiting` while there is nothing to decide on. */
export function approval(state: ProcessState, now: number): ApprovalOutcome {
  const request = decisionRequest(state);
  return request ? evaluateApproval(request, state.decisions, now) : 'waiting';
}

/**
 * Acts on what the decisions so far amount to.
 *
 * @returns the seal that is to be recorded as approved; from then on nothing changes the outcome
 */
export function concludeDecision(state: ProcessState, now: number): string | undefined {
  const outcome = approval(state, now);
  if (outcome === 'expired') enter(state, 'expired', now, 'nobody decided in time');
  if (outcome === 'rejected') enter(state, 'awaiting-revision', now, 'the delivery was rejected');
  if (outcome !== 'confirmed' || !state.sealed) return undefined;
  state.sealed.confirmed = true;
  state.sealed.acceptedAt = now;
  return state.sealed.seal;
}

/** A confirmation was taken back while nothing had left: it is to be decided again. */
export function reopenDecision(state: ProcessState, now: number): void {
  if (!state.sealed) return;
  delete state.sealed.confirmed;
  delete state.sealed.withdrawn;
  enter(state, 'awaiting-decision', now, 'a confirmation was withdrawn');
}

/** The worker found in the journal what does not let the seal be approved: it is to be analysed and decided on anew. */
export function withholdRelease(state: ProcessState, why: string, now: number): void {
  delete state.sealed?.confirmed;
  enter(state, 'awaiting-revision', now, `the release was refused: ${why}`.slice(0, 500));
}

/**
 * Sending could begin only now, and that is too late for what was decided: the decision is asked for anew, with a time of
 * its own.
 */
export function reopenLate(state: ProcessState, now: number, reason: string): void {
  const { sealed, terms } = state;
  if (!sealed || !terms) return;
  delete sealed.confirmed;
  sealed.late = true;
  sealed.expiresAt = expiryOf(terms, now);
  state.decisions = [];
  delete state.requests?.sealedAt;
  note(state, now, { kind: 'late', reason, expiresAt: new Date(sealed.expiresAt).toISOString() });
  enter(state, 'awaiting-decision', now, reason);
}

/** @returns why sending must not begin now without another decision; undefined where it may */
export function refuseLateStart({ sealed, terms }: ProcessState, now: number): string | undefined {
  if (!sealed || !terms) return undefined;
  return lateStart(terms.sending, { acceptedAt: sealed.acceptedAt ?? now, startsAt: sealed.schedule?.startsAt, now });
}

/** When the request for a decision expires that is made now, in milliseconds since the epoch. */
export function expiryOf(terms: RevisionTerms, now: number): number {
  return now + durationMs(terms.approval.expiresAfter);
}

/** What the approval of the current revision demands. */
export function approvalRules({ origin, terms }: ProcessState): ApprovalRules[] {
  const { owner } = origin.rules;
  return rulesInForce(origin.rules, terms && { owner: terms.owner ?? owner, settings: terms.approval });
}

/** What is up for decision; nothing before there is a seal. */
export function decisionRequest(state: ProcessState): DecisionRequest | undefined {
  const { sealed, author, content, rejectedBefore, terms } = state;
  if (!terms || !sealed) return undefined;
  return {
    rules: approvalRules(state),
    author,
    authorSigned: terms.authorSigned,
    seal: sealed.seal,
    count: sealed.count,
    findings: sealed.findings,
    content,
    rejectedBefore,
    late: sealed.late,
    expiresAt: sealed.expiresAt,
  };
}

type ReviewCommand = Command & { name: 'reviewProof' };

/** Judges a reviewer's word and, when it is accepted, keeps it. @returns why it is refused */
export function review(
  state: ProcessState,
  command: ReviewCommand,
  now: number,
  checked?: CheckedSignature,
): string | undefined {
  const { operator, verdict, proof, signature } = command;
  const { content } = state;
  const unchecked = signature !== undefined && !checked ? 'its signature was not checked' : undefined;
  const reason = refuseReviewInState(state, command, now) ?? unchecked ?? checked?.reason;
  const signed = checked !== undefined && { signed: true };
  if (reason === undefined && content)
    content.reviews = withReview(content.reviews, { operator, verdict, proof, ...signed });
  return reason;
}

/** What needs no look at its signature; that one has come is enough here. */
export function refuseReviewInState(state: ProcessState, command: ReviewCommand, now: number): string | undefined {
  if (state.stopping || isFinal(state.phase)) return 'the delivery is stopped or has ended';
  if (state.next) return 'a new revision has been submitted; its own proofs must be reviewed';
  if (state.phase === 'awaiting-revision') return 'the delivery awaits a new revision';
  const outcome = approval(state, now);
  if (outcome === 'expired') return 'the request for a decision has expired';
  if (isUnderWay(state.phase) || outcome !== 'waiting') return 'the delivery has been decided on';
  const { operator, verdict, proof, signature } = command;
  const { author, content, proofs } = state;
  const given = { operator, verdict, proof, signed: signature !== undefined };
  return refuseReview({ rules: approvalRules(state), author, content }, given, proofs);
}
