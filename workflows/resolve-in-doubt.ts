import type { Resolution, ResolutionResult } from '../src/delivery/resolution.js';
import type { ResendRange } from '../src/store/in-doubt.js';
import { keepOwnHistories } from './keep-own-histories.js';
import { replanSignal, resendWorkflowId, sendingWorkflowId } from './messages.js';
import { resend } from './resend.js';
import { startAbandoned } from './start-abandoned.js';
import { quick } from './steps.js';
import { tell } from './tell.js';

/**
 * A decision on messages in doubt, at any time after the first one left. It is a workflow of its own, for the delivery
 * may have ended long before.
 */
export async function resolveInDoubt(input: Resolution): Promise<ResolutionResult> {
  await keepOwnHistories(input.deliveryId);
  const { resend: range, ...result } = await quick.resolveInDoubt({ ...input, now: Date.now() });
  if (range) await sendAgain(input.deliveryId, range);
  // While the delivery sends, its own retries take up what is due.
  else if (result.accepted && input.verdict === 'resend') await tell(sendingWorkflowId(input.deliveryId), replanSignal);
  return result;
}

async function sendAgain(deliveryId: string, range: ResendRange): Promise<void> {
  const { validityMs, ...where } = range;
  const workflowId = resendWorkflowId(deliveryId);
  const args: Parameters<typeof resend> = [{ deliveryId, ...where, validUntil: Date.now() + validityMs }];
  const staticSummary = `Messages of delivery ${deliveryId} that were in doubt`;
  // One that is under way takes this along, unless it ends just now.
  while (!(await startAbandoned(resend, { workflowId, staticSummary, args }))) {
    if (await tell(workflowId, replanSignal)) return;
  }
}
