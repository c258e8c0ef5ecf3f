import { hold, type ProcessState } from '../src/delivery/process.js';
import { goOnSignal, sendingWorkflowId } from './messages.js';
import { quick } from './steps.js';
import { tell } from './tell.js';

/** Whether something is to be done about the canary: `sending` asks, or a person has resumed what it had held. */
export function canaryCalls({ canary, paused, sealed }: ProcessState): boolean {
  // Anybody may send the signal; where there is no canary it says nothing.
  if (!sealed?.schedule?.waves[0]?.canary) return false;
  return canary === 'due' || (canary === 'held' && !paused);
}

/**
 * Looks at what became of the canary and lets the other waves follow, or pauses the delivery until a person resumes it.
 */
export async function followCanary(deliveryId: string, state: ProcessState): Promise<void> {
  const [canary] = state.sealed?.schedule?.waves ?? [];
  if (state.canary === 'due' && canary) {
    const { firstSeq, lastSeq } = canary;
    const { heldFor } = await quick.judgeCanary({ deliveryId, firstSeq, lastSeq });
    if (heldFor !== undefined) {
      state.canary = 'held';
      return hold(state, heldFor, Date.now());
    }
  }
  delete state.canary;
  await tell(sendingWorkflowId(deliveryId), goOnSignal);
}
