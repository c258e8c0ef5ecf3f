import { condition } from '@temporalio/workflow';
import { enter } from '../src/delivery/journal-notes.js';
import { refuseLateStart, reopenDecision, reopenLate } from '../src/delivery/process-approval.js';
import { contactAt, isInterrupted, type ProcessState } from '../src/delivery/process.js';
import { quick } from './steps.js';
import { untilVerified } from './verify-signatures.js';

/**
 * The delivery's part between its confirmation and its first message: waits for the contact date, and asks for the decision
 * anew where it was withdrawn or sending could begin only too late.
 *
 * @param mustYield - true when the run must end first; called again, it goes on where it was
 */
export async function startWhenDue(deliveryId: string, state: ProcessState, mustYield: () => boolean): Promise<void> {
  const withdrawn = (): boolean => state.sealed?.withdrawn === true;
  const woken = (): boolean => withdrawn() || isInterrupted(state) || mustYield();
  const wait = contactAt(state) - Date.now();
  if (wait > 0) await condition(woken, wait, { summary: 'The contact date comes' });
  else await condition(() => !state.paused || woken());
  await untilVerified(state);
  if (isInterrupted(state)) return;
  if (withdrawn()) {
    await quick.withdrawApproval({ deliveryId });
    return reopenDecision(state, Date.now());
  }
  const now = Date.now();
  if (state.paused || now < contactAt(state)) return;
  const late = refuseLateStart(state, now);
  if (late === undefined) return enter(state, 'sending', now);
  await quick.withdrawApproval({ deliveryId });
  reopenLate(state, Date.now(), late);
}
