import { canonicalJson } from './canonical-json.js';
import { whyHeld, type ProofedContent } from './content-approval.js';
import type { ApprovalSettings } from './definition.js';
import type { FindingCounts } from './finding.js';

/** Who may approve, and how. */
export interface ApprovalRules {
  owner: string;
  settings: ApprovalSettings;
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
  /** Each of them must be satisfied; see {@link rulesInForce}. */
  rules: readonly ApprovalRules[];
  /** Who submitted the revision. */
  author: string;
  seal: string;
  findings: FindingCounts;
  /** What reviewers have seen and said; absent where there is no proof yet. */
  content?: ProofedContent | undefined;
  /** Somebody rejected this revision before it was analysed again: no mode confirms it by itself any more. */
  rejectedBefore?: boolean | undefined;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/**
 * The rules that a decision is judged by: those that the delivery was started under and, where a revision has changed
 * them, the new ones as well. A revision can so demand more, and never loosen its own approval.
 */
export function rulesInForce(first: ApprovalRules, current: ApprovalRules | undefined): ApprovalRules[] {
  return current && demands(current) !== demands(first) ? [first, current] : [first];
}

/** How long a request stands is no demand on who decides. */
function demands({ owner, settings: { expiresAfter: _expiresAfter, ...settings } }: ApprovalRules): string {
  return canonicalJson({ owner, ...settings });
}

/** The owner and the approvers, each once. */
export function decidersOf({ owner, settings }: ApprovalRules): string[] {
  return [...new Set([owner, ...settings.approvers])];
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
  const { operator } = decision;
  if (decision.seal !== request.seal) return 'it names another seal than that of the current analysis';
  if (now >= request.expiresAt) return 'the request for a decision has expired';
  const eligible = request.rules.filter((rules) => decidersOf(rules).includes(operator));
  if (eligible.length === 0) return `operator "${operator}" is neither the owner nor one of the approvers`;
  if (decision.verdict === 'reject') return undefined;
  if (!eligible.some((rules) => mayConfirm(rules, operator, request.author))) {
    return `four-eyes: operator "${operator}" submitted this revision and cannot confirm it`;
  }
  if (request.findings.error > 0) return 'the analysis has errors; a new revision is needed';
  const held = whyHeld(request);
  if (held !== undefined) return held;
  if (counting(earlier, request.seal).some((known) => known.operator === operator)) {
    return `operator "${operator}" has confirmed this seal already`;
  }
  return undefined;
}

/** Whether a confirmation by this operator counts under these rules. */
export function mayConfirm(rules: ApprovalRules, operator: string, author: string): boolean {
  return decidersOf(rules).includes(operator) && !(rules.settings.fourEyes && operator === author);
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
  const open = request.findings.error === 0 && whyHeld(request) === undefined;
  if (open && request.rules.every((rules) => isSatisfied(rules, request, standing))) {
    return 'confirmed';
  }
  return now >= request.expiresAt ? 'expired' : 'waiting';
}

function isSatisfied(rules: ApprovalRules, request: DecisionRequest, standing: Decision[]): boolean {
  const { findings, author, rejectedBefore } = request;
  const { mode, quorum } = rules.settings;
  const byItself = mode === 'automatic' || (mode === 'semi-automatic' && findings.warning === 0);
  if (byItself && !rejectedBefore) return true;
  const confirming = standing.map(({ operator }) => operator).filter((one) => mayConfirm(rules, one, author));
  return new Set(confirming).size >= quorum;
}

function counting(decisions: readonly Decision[], seal: string): Decision[] {
  return decisions.filter((decision) => decision.accepted && decision.seal === seal);
}
