import { hold, type ProcessState } from '../src/delivery/process.js';
import { quick } from './steps.js';

/** Whether too much may have gone wrong while messages leave. Anybody may send the signal; the ledger decides. */
export function breakerCalls({ breakerDue, control, paused }: ProcessState): boolean {
  return breakerDue === true && control === 'run' && !paused;
}

/** Looks at what was settled lately, and pauses the delivery until a person resumes it where too much of it has gone wrong. */
export async function followBreaker(deliveryId: string, state: ProcessState): Promise<void> {
  delete state.breakerDue;
  const { heldFor } = await quick.judgeBreaker({ deliveryId });
  if (heldFor !== undefined) hold(state, heldFor, Date.now());
}
