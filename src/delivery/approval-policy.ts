import type { ApprovalSettings } from './definition.js';
import type { FindingCounts } from './finding.js';

/** Who stands in which relation to the revision that is up for a decision. */
export interface People {
  owner: string;
  /** Who submitted the revision. */
  author: string;
}

/** An operator's word on one seal. Refused ones are kept: they are what an auditor looks for. */
export interface Decision {
  operator: string;
  verdict: 'confirm' | 'reject';
  seal: string;
  comment?: string;
  /** ISO 8601, by the workflow's clock. */
  at: string;
  accepted: boolean;
  /** Why it was refused. */
  reason?: string;
}

/** What is up for decision. */
export interface DecisionRequest {
  policy: ApprovalSettings;
  people: People;
  seal: string;
  findings: FindingCounts;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/**
 * Whether one decision may count, by the policy alone.
 *
 * @param now - milliseconds since the epoch, the workflow's clock
 * @returns why it may not, or `undefined` when it counts
 */
export function refuseDecision(
  request: DecisionRequest,
  decision: Pick<Decision, 'operator' | 'verdict' | 'seal'>,
  earlier: readonly Decision[],
  now: number,
): string | undefined {
  const { policy, people } = request;
  if (decision.seal !== request.seal) return 'it names another seal than that of the current analysis';
  if (now >= request.expiresAt) return 'the request for a decision has expired';
  if (decision.operator !== people.owner && !policy.approvers.includes(decision.operator)) {
    return `operator "${decision.operator}" is neither the owner nor one of the approvers`;
  }
  if (decision.verdict === 'reject') return undefined;
  if (policy.fourEyes && decision.operator === people.author) {
    return `four-eyes: operator "${decision.operator}" submitted this revision and cannot confirm it`;
  }
  if (request.findings.error > 0) return 'the analysis has errors; a new revision is needed';
  if (counting(earlier, request.seal).some((known) => known.operator === decision.operator)) {
    return `operator "${decision.operator}" has confirmed this seal already`;
  }
  return undefined;
}

export type ApprovalOutcome = 'confirmed' | 'rejected' | 'waiting' | 'expired';

/**
 * What the decisions so far amount to.
 *
 * @param now - milliseconds since the epoch, the workflow's clock
 */
export function evaluateApproval(
  request: DecisionRequest,
  decisions: readonly Decision[],
  now: number,
): ApprovalOutcome {
  const standing = counting(decisions, request.seal);
  if (standing.some((decision) => decision.verdict === 'reject')) return 'rejected';
  if (request.findings.error === 0) {
    const { mode } = request.policy;
    if (mode === 'automatic') return 'confirmed';
    if (mode === 'semi-automatic' && request.findings.warning === 0) return 'confirmed';
    const confirming = new Set(standing.map((decision) => decision.operator));
    if (confirming.size >= request.policy.quorum) return 'confirmed';
  }
  return now >= request.expiresAt ? 'expired' : 'waiting';
}

function counting(decisions: readonly Decision[], seal: string): Decision[] {
  return decisions.filter((decision) => decision.accepted && decision.seal === seal);
}
