import { demandsSignatures, type ApprovalSettings } from './approval-settings.js';
import { gatesOf, mayConfirmAt, passGates, seatOf, standingDecisions } from './approval-gates.js';
import { isNamed, withoutDelegation, type Decider } from './approver.js';
import { canonicalJson } from './canonical-json.js';
import { whyHeld, type ProofedContent } from './content-approval.js';
import type { FindingCounts } from './finding.js';

/** Who may approve, and how. */
export interface ApprovalRules {
  owner: string;
  settings: ApprovalSettings;
}

export type DecisionVerdict = 'confirm' | 'reject' | 'withdraw';

/** An operator's word on one seal. Refused ones are kept: they are what an auditor looks for. */
export interface Decision extends Decider {
  /** `withdraw` takes the operator's own confirmation back. */
  verdict: DecisionVerdict;
  seal: string;
  comment?: string;
  /** An emergency: it counts for all gates. */
  breakGlass?: boolean;
  /** By the operator's own key, verified. */
  signed?: boolean;
  /** ISO 8601, by the workflow's clock. */
  at: string;
  accepted: boolean;
  /** Why it was refused. */
  reason?: string;
}

/** A decision that is to be judged. */
export interface GivenDecision extends Decider, Pick<Decision, 'verdict' | 'seal'> {
  comment?: string | undefined;
  breakGlass?: boolean | undefined;
  signed?: boolean | undefined;
}

/** What is up for decision. */
export interface DecisionRequest {
  /** Each of them must be satisfied; see {@link rulesInForce}. */
  rules: readonly ApprovalRules[];
  /** Who submitted the revision. */
  author: string;
  /** By a signature of the author's own key, verified. */
  authorSigned?: boolean | undefined;
  seal: string;
  /** Messages under it. */
  count: number;
  findings: FindingCounts;
  /** What reviewers have seen and said; absent where there is no proof yet. */
  content?: ProofedContent | undefined;
  /** Somebody rejected this revision before it was analysed again: no mode confirms it by itself any more. */
  rejectedBefore?: boolean | undefined;
  /** It was confirmed before, and its sending came too late: no mode confirms it by itself again. */
  late?: boolean | undefined;
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

/** How long a request stands, and how people hear of it, is no demand on who decides. */
function demands({ owner, settings }: ApprovalRules): string {
  const { expiresAfter: _expiresAfter, requests: _requests, ...demanded } = settings;
  return canonicalJson({ owner, ...demanded });
}

/** Everybody whom the rules name, the owner first, each once. */
export function decidersOf({ owner, settings }: ApprovalRules): string[] {
  const { approvers, gates = [], breakGlass = [] } = settings;
  return [...new Set([owner, ...approvers, ...gates.flatMap((gate) => gate.approvers), ...breakGlass])];
}

/**
 * Whose revision it is must be known where its author may not confirm it: else the author could do so under another name.
 *
 * @returns why no confirmation can count, whoever gives it; `undefined` when nothing holds it
 */
export function whyUnproven({
  rules,
  authorSigned,
}: Pick<DecisionRequest, 'authorSigned'> & { rules: readonly { settings: ApprovalSettings }[] }): string | undefined {
  const demanded = rules.some(({ settings }) => settings.fourEyes) && demandsSignatures(rules);
  if (!demanded || authorSigned) return undefined;
  return 'four-eyes: nobody has signed for this revision as its author: let its author submit it again, with a key';
}

/**
 * Whether one decision may count, by the policy alone.
 *
 * @param earlier - decisions on this delivery, the refused ones too
 * @param now - milliseconds since the epoch, the workflow's clock
 * @returns why it may not, or `undefined` when it counts
 */
export function refuseDecision(
  request: DecisionRequest,
  decision: GivenDecision,
  earlier: readonly Decision[],
  now: number,
): string | undefined {
  const { operator } = decision;
  const { rules } = request;
  if (decision.seal !== request.seal) return 'it names another seal than that of the current analysis';
  // Taking back is never too late while nothing has left.
  const takesBack = decision.verdict === 'withdraw';
  if (now >= request.expiresAt && !takesBack) return 'the request for a decision has expired';
  if (!decision.signed && demandsSignatures(rules))
    return 'a decision on this delivery must be signed with the key of its operator';
  if (!rules.some((one) => isNamed(decidersOf(one), decision)))
    return `operator "${operator}" is neither the owner nor one of the approvers`;
  const standing = standingDecisions(earlier, request, takesBack ? -Infinity : now);
  if (decision.verdict === 'reject') return undefined;
  if (takesBack) return refuseWithdrawal(decision, standing, earlier);
  if (request.findings.error > 0) return 'the analysis has errors; a new revision is needed';
  const unproven = whyUnproven(request);
  if (unproven !== undefined) return unproven;
  return decision.breakGlass
    ? refuseBreakingGlass(request, decision)
    : (whyHeld(request) ?? refuseConfirmation(request, decision, standing));
}

/** Each may ask others by e-mail to confirm anew, and stays in the workflow's state. */
const mostWithdrawals = 3;

function refuseWithdrawal(
  { operator, seal }: GivenDecision,
  standing: readonly Decision[],
  earlier: readonly Decision[],
): string | undefined {
  const given = standing.some((one) => one.operator === operator && one.verdict === 'confirm');
  if (!given) return `operator "${operator}" has no confirmation of this seal to withdraw`;
  const before = earlier.filter(
    (one) => one.accepted && one.verdict === 'withdraw' && one.operator === operator && one.seal === seal,
  );
  if (before.length < mostWithdrawals) return undefined;
  return `operator "${operator}" has withdrawn ${mostWithdrawals} confirmations of this seal already: reject it, or stop the delivery`;
}

function refuseBreakingGlass({ rules, author }: DecisionRequest, decision: GivenDecision): string | undefined {
  const { operator, comment = '' } = decision;
  if (comment.trim() === '') return 'an emergency needs its reason in a comment';
  for (const { settings } of rules) {
    const decider = settings.fourEyes ? withoutDelegation(decision, author) : decision;
    if (!settings.breakGlass || !isNamed(settings.breakGlass, decider))
      return `operator "${operator}" is not among those who may confirm in an emergency`;
    if (settings.fourEyes && operator === author)
      return `four-eyes: operator "${operator}" submitted this revision and cannot confirm it, in an emergency either`;
  }
  return undefined;
}

function refuseConfirmation(
  request: DecisionRequest,
  decision: GivenDecision,
  standing: readonly Decision[],
): string | undefined {
  const { author, count, rules } = request;
  const { operator } = decision;
  const reasons = rules.map((one) => {
    const { open, confirmedBy, seats } = passGates(one, request, standing);
    if (!open) return 'its gates are satisfied already';
    if (confirmedBy.includes(operator)) return `operator "${operator}" has confirmed this seal already`;
    if (mayConfirmAt(open, one, decision, author))
      return seatOf(open, decision, seats) === undefined
        ? `operator "${operator}" would confirm for somebody whose confirmation counts already`
        : undefined;
    if (one.settings.fourEyes && operator === author)
      return `four-eyes: operator "${operator}" submitted this revision and cannot confirm it`;
    const later = gatesOf(one, count).some((gate) => mayConfirmAt(gate, one, decision, author));
    return later && open.name !== undefined
      ? `the gate "${open.name}" comes first: ${open.approvers.join(', ')} must confirm before`
      : `operator "${operator}" cannot confirm at this gate: ${open.approvers.join(', ')} may`;
  });
  return reasons.includes(undefined) ? undefined : reasons[0];
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
  const standing = standingDecisions(decisions, request, now);
  if (standing.some((decision) => decision.verdict === 'reject')) return 'rejected';
  if (request.findings.error === 0 && whyUnproven(request) === undefined) {
    const emergency = standing.some((one) => one.breakGlass && refuseBreakingGlass(request, one) === undefined);
    if (emergency) return 'confirmed';
    if (whyHeld(request) === undefined && request.rules.every((rules) => isSatisfied(rules, request, standing)))
      return 'confirmed';
  }
  return now >= request.expiresAt ? 'expired' : 'waiting';
}

function isSatisfied(rules: ApprovalRules, request: DecisionRequest, standing: readonly Decision[]): boolean {
  const { findings, rejectedBefore, late } = request;
  const { open } = passGates(rules, request, standing);
  if (!open) return true;
  // No mode does without the gates that come before the last.
  if (open.name !== undefined) return false;
  const { mode } = rules.settings;
  const byItself = mode === 'automatic' || (mode === 'semi-automatic' && findings.warning === 0);
  return byItself && !rejectedBefore && !late;
}
