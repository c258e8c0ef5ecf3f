import { neededConfirmations, standingDecisions, type NeededConfirmations } from '../delivery/approval-gates.js';
import {
  decidersOf,
  refuseDecision,
  whyUnproven,
  type ApprovalRules,
  type Decision,
  type DecisionRequest,
  type GivenDecision,
} from '../delivery/approval-policy.js';
import { whyHeld } from '../delivery/content-approval.js';
import { durationMs } from '../delivery/duration.js';
import { countFindings, type Finding } from '../delivery/finding.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import type { RevisionSummary } from '../store/deliveries.js';
import { decidersAmong } from '../store/deciders.js';
import type { Delegation } from '../store/delegations.js';
import type { OperatorRecord } from '../store/operators.js';
import { proofedContent } from './proof-log.js';

/** What is asked of people while a delivery awaits its decision, by the approval policy as it stands. */
export interface PendingDecision {
  /** Operators whose confirmation would count now, an owner first. */
  mayConfirm: string[];
  mayReject: string[];
  /** Why no confirmation can count yet: its author's signature, a proof, or reviewers' approval of the content is still to come. */
  heldBy?: string;
  /** Why the others whom the rules name may not confirm, by operator. */
  mayNotConfirm: Record<string, string>;
  /** Who could confirm now alone and for all gates, with a reason. */
  mayBreakGlass: string[];
  /** Operators whose confirmation counts already. */
  confirmedBy: string[];
  /** What is missing yet, by each set of rules that is not satisfied. */
  needed: NeededConfirmations[];
  /** Why it is asked for anew: sending could have begun only too late. */
  late?: string;
  /** ISO 8601. */
  expiresAt: string;
}

/**
 * The policy is asked about each of the people whom the rules name; the workflow decides all the same.
 *
 * @param known - of the current revision, as the ledger and the journal have it
 * @returns undefined where the journal does not tell of its seal yet
 */
export function pendingDecisionOf(known: {
  revision: Pick<RevisionSummary, 'hash' | 'settings' | 'seal' | 'sealedCount'>;
  author: string;
  authorSigned: boolean;
  rules: readonly ApprovalRules[];
  findings: readonly Finding[];
  decisions: readonly Decision[];
  journal: readonly JournalEntry[];
  operators: readonly OperatorRecord[];
  /** Of the present. */
  delegations: readonly Pick<Delegation, 'delegator' | 'delegate'>[];
}): PendingDecision | undefined {
  const { revision, author, authorSigned, rules, findings, journal } = known;
  const { seal, settings } = revision;
  const sealed = journal.findLast((entry) => entry.kind === 'sealed' && entry.revision === revision.hash);
  if (seal === undefined || !sealed) return undefined;
  const late = journal.findLast((entry) => entry.kind === 'late' && entry.n > sealed.n);
  const askedAt = Date.parse((late ?? sealed).at);
  // The same text submitted once more has the same seal: older decisions on it count no more.
  const decisions = known.decisions.filter(({ at }) => Date.parse(at) >= askedAt);
  const expiresAt = askedAt + durationMs(settings.approval.expiresAfter);
  const content = proofedContent(journal, revision.hash);
  const count = revision.sealedCount ?? 0;
  const request: DecisionRequest = {
    rules,
    author,
    authorSigned,
    seal,
    count,
    findings: countFindings(findings),
    content,
    expiresAt,
  };
  const heldBy = whyUnproven(request) ?? whyHeld(request);
  const people = decidersAmong(rules.flatMap(decidersOf), known.operators, known.delegations);
  const judged = (given: Pick<GivenDecision, 'verdict' | 'breakGlass' | 'comment'>) =>
    people.map((decider) => ({
      operator: decider.operator,
      refused: refuseDecision(request, { ...decider, ...given, seal, signed: true }, decisions, askedAt),
    }));
  const may = (given: Parameters<typeof judged>[0]) =>
    judged(given).flatMap(({ operator, refused }) => (refused === undefined ? [operator] : []));
  const standing = standingDecisions(decisions, request, askedAt);
  return {
    mayConfirm: may({ verdict: 'confirm' }),
    mayReject: may({ verdict: 'reject' }),
    mayNotConfirm: Object.fromEntries(
      judged({ verdict: 'confirm' }).flatMap(({ operator, refused }) =>
        refused === undefined ? [] : [[operator, refused] as const],
      ),
    ),
    mayBreakGlass: may({ verdict: 'confirm', breakGlass: true, comment: 'a reason' }),
    ...(heldBy === undefined ? {} : { heldBy }),
    ...(late?.reason === undefined ? {} : { late: late.reason }),
    confirmedBy: decisions.flatMap((one) =>
      one.accepted && one.seal === seal && one.verdict === 'confirm' ? [one.operator] : [],
    ),
    needed: neededConfirmations(request, standing),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
