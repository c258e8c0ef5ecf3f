import type { ApprovalRules, Decision, DecisionRequest } from './approval-policy.js';
import { demandsSignatures } from './approval-settings.js';
import { isNamed, withoutDelegation, type Decider } from './approver.js';
import { durationMs } from './duration.js';

/** One of the groups of people whose confirmations are wanted, one after the other. */
export interface Gate {
  /** Absent for the last one: its confirmations let the messages leave. */
  name?: string;
  approvers: readonly string[];
  quorum: number;
}

/** How far the gates of one set of rules are. */
export interface GateProgress {
  /** The first that is not satisfied; absent where all are. */
  open?: Gate;
  /** Operators whose confirmation counts at the open gate. */
  confirmedBy: readonly string[];
  /** Whose rights they have used. */
  seats: ReadonlySet<string>;
}

/** The gates of a set of rules in order, the last one being that of the owner and the approvers. */
export function gatesOf({ owner, settings }: ApprovalRules, count: number): Gate[] {
  const demanded = (settings.thresholds ?? []).filter(({ over }) => count > over).map(({ quorum }) => quorum);
  const last = {
    approvers: [...new Set([owner, ...settings.approvers])],
    quorum: Math.max(settings.quorum, ...demanded),
  };
  return [...(settings.gates ?? []), last];
}

/** Whether a confirmation by this operator could count at a gate. */
export function mayConfirmAt(gate: Gate, { settings }: ApprovalRules, decider: Decider, author: string): boolean {
  if (!settings.fourEyes) return isNamed(gate.approvers, decider);
  // Nor may the author decide through somebody else.
  return decider.operator !== author && isNamed(gate.approvers, withoutDelegation(decider, author));
}

/**
 * Whose right to confirm is used: the operator's own, else that of somebody who delegated it. One right counts once, whoever
 * uses it: or one approver could fill a quorum with delegates.
 *
 * @returns undefined where it was used already
 */
export function seatOf(gate: Gate, { operator, as = [] }: Decider, taken: ReadonlySet<string>): string | undefined {
  const own = isNamed(gate.approvers, { operator, as: as.filter((one) => !one.startsWith('for:')) });
  const rights = own ? [operator] : gate.approvers.filter((one) => as.includes(`for:${one}`));
  return rights.find((right) => !taken.has(right));
}

/**
 * Lets confirmations through the gates in the order in which they came: each counts once, at the gate that was open.
 *
 * @param standing - decisions that count, of this seal
 */
export function passGates(
  rules: ApprovalRules,
  { author, count }: Pick<DecisionRequest, 'author' | 'count'>,
  standing: readonly Decision[],
): GateProgress {
  const gates = gatesOf(rules, count);
  let confirmedBy: string[] = [];
  let seats = new Set<string>();
  for (const decision of standing) {
    const [open] = gates;
    if (!open) break;
    if (decision.verdict !== 'confirm' || confirmedBy.includes(decision.operator)) continue;
    if (!mayConfirmAt(open, rules, decision, author)) continue;
    const seat = seatOf(open, decision, seats);
    if (seat === undefined) continue;
    seats.add(seat);
    confirmedBy = [...confirmedBy, decision.operator];
    if (confirmedBy.length < open.quorum) continue;
    gates.shift();
    confirmedBy = [];
    seats = new Set();
  }
  const [open] = gates;
  return { ...(open && { open }), confirmedBy, seats };
}

/** How many confirmations are missing yet by one set of rules, at the gate that is open. */
export interface NeededConfirmations {
  /** Absent for the last gate. */
  gate?: string;
  confirmations: number;
}

/** @param standing - decisions that count, of this seal */
export function neededConfirmations(
  request: Pick<DecisionRequest, 'rules' | 'author' | 'count'>,
  standing: readonly Decision[],
): NeededConfirmations[] {
  return request.rules.flatMap((rules) => {
    const { open, confirmedBy } = passGates(rules, request, standing);
    if (!open) return [];
    const confirmations = open.quorum - confirmedBy.length;
    return [{ ...(open.name !== undefined && { gate: open.name }), confirmations }];
  });
}

/**
 * Decisions on a seal that still say something: accepted ones, without confirmations that were withdrawn, and without
 * those that are older than the rules let them be.
 *
 * @param now - milliseconds since the epoch
 */
export function standingDecisions(
  decisions: readonly Decision[],
  { seal, rules }: Pick<DecisionRequest, 'seal' | 'rules'>,
  now: number,
): Decision[] {
  const limits = rules.flatMap(({ settings: { confirmationValidFor } }) =>
    confirmationValidFor === undefined ? [] : [durationMs(confirmationValidFor)],
  );
  const since = now - Math.min(Infinity, ...limits);
  const signed = demandsSignatures(rules);
  const standing: Decision[] = [];
  for (const decision of decisions) {
    if (!decision.accepted || decision.seal !== seal || (signed && !decision.signed)) continue;
    if (decision.verdict === 'withdraw') {
      const others = standing.filter((one) => one.operator !== decision.operator || one.verdict !== 'confirm');
      standing.splice(0, Infinity, ...others);
    } else if (decision.verdict === 'reject' || !(Date.parse(decision.at) < since)) standing.push(decision);
  }
  return standing;
}
