import type { DeliveryDescription, PendingDecision } from '../client/index.js';
import type { NeededConfirmations } from '../delivery/approval-gates.js';
import { findingSummary, mailboxText, whoMay } from './description-text.js';
import { sendingWords } from './schedule-text.js';
import { sealedText } from './target-text.js';
import { plural } from './terminal-text.js';

type Decided = Pick<
  DeliveryDescription,
  'phase' | 'settings' | 'schedule' | 'sendingSince' | 'heldFor' | 'sealedCount' | 'sample' | 'findings'
> &
  Partial<Pick<DeliveryDescription, 'seeds' | 'pendingDecision'>>;

/** What a confirmation lets happen, in one sentence: to how many, from whom, when, how fast, whatever the checks say. */
export function confirmingSends(delivery: Decided): string {
  const { settings, sample, findings, pendingDecision } = delivery;
  const from = mailboxText(sample?.from ?? settings.sender);
  const graver = findings.filter(({ level }) => level !== 'info');
  const checks =
    graver.length === 0 ? 'The checks warn of nothing.' : `The checks have found ${findingSummary(graver)}.`;
  const sends = `${sealedText({ sealedCount: 0, ...delivery })} leave${delivery.sealedCount === 1 ? 's' : ''} from ${from}, ${sendingWords(delivery)}`;
  return `${alone(pendingDecision) ? 'Confirm, and' : 'Once all have confirmed,'} ${sends}. ${checks}`;
}

/** Whether one confirmation is all that is missing. */
function alone(pending: PendingDecision | undefined): boolean {
  return (
    pending === undefined || pending.needed.every(({ gate, confirmations }) => gate === undefined && confirmations <= 1)
  );
}

/** Why an operator's confirmation would be refused; undefined where it would count. */
export function whyNotConfirm(pending: PendingDecision, operator: string): string | undefined {
  if (pending.mayConfirm.includes(operator)) return undefined;
  return pending.mayNotConfirm[operator] ?? `operator "${operator}" is neither the owner nor one of the approvers`;
}

/** Whose confirmations are still wanted. */
export function demand(pending: PendingDecision | undefined): string[] {
  if (!pending) return [];
  const { mayConfirm, confirmedBy, heldBy, late, needed } = pending;
  const anew = late === undefined ? [] : [`It is decided anew: ${late}.`];
  if (heldBy !== undefined) return [...anew, `Nobody can confirm it yet: ${heldBy}.`];
  return [...anew, `It needs ${neededText(needed, confirmedBy.length > 0)} from: ${whoMay(mayConfirm)}.`];
}

function neededText(needed: readonly NeededConfirmations[], more: boolean): string {
  const most = new Map<string | undefined, number>();
  for (const { gate, confirmations } of needed) most.set(gate, Math.max(most.get(gate) ?? 0, confirmations));
  const parts = [...most].map(
    ([gate, count]) =>
      `${plural(count, 'confirmation')}${more ? ' more' : ''}${gate === undefined ? '' : ` at the gate "${gate}"`}`,
  );
  return parts.join(' and ') || plural(1, 'confirmation');
}

/** Whom a delivery still waits for once this operator's confirmation counts; undefined where it waits for nobody. */
export function stillWanted(before: PendingDecision | undefined, operator: string): string | undefined {
  const { mayConfirm = [], needed = [] } = before ?? {};
  const missing = Math.max(0, ...needed.map(({ confirmations }) => confirmations - 1));
  const passed = needed.find(({ gate, confirmations }) => gate !== undefined && confirmations <= 1);
  if (missing === 0) return passed && `The gate "${passed.gate}" is passed, and others must confirm yet.`;
  const others = mayConfirm.filter((one) => one !== operator).join(', ') || 'nobody';
  return `${plural(missing, 'more confirmation')} must come; those who may: ${others}.`;
}

/** What a confirmation came to, by how the delivery stood before it. */
export function confirmedText(
  { id, pendingDecision }: Pick<DeliveryDescription, 'id' | 'pendingDecision'>,
  operator: string,
  breakGlass = false,
): string {
  const wanted = breakGlass ? undefined : stillWanted(pendingDecision, operator);
  const next =
    wanted === undefined ? `Follow the delivery: sealpost watch ${id}` : `${wanted} See "sealpost show ${id}".`;
  return `The confirmation by ${operator} counts. ${next}`;
}
