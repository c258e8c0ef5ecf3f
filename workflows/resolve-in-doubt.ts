import { getExternalWorkflowHandle, startChild, ParentClosePolicy } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Resolution, ResolutionResult } from '../src/delivery/resolution.js';
import type { ResendRange } from '../src/store/in-doubt.js';
import { replanSignal, resendWorkflowId, sendingWorkflowId } from './messages.js';
import { resend } from './resend.js';
import { quick } from './steps.js';

/**
 * A decision on messages in doubt, at any time after the first one left. It is a workflow of its own, for the delivery
 * may have ended long before.
 */
export async function resolveInDoubt(input: Resolution): Promise<ResolutionResult> {
  const { resend: range, ...result } = await quick.resolveInDoubt({ ...input, now: Date.now() });
  if (range) await sendAgain(input.deliveryId, range);
  // While the delivery sends, its own retries take up what is due.
  else if (result.accepted && input.verdict === 'resend') await tell(sendingWorkflowId(input.deliveryId));
  return result;
}

async function sendAgain(deliveryId: string, range: ResendRange): Promise<void> {
  const { validityMs, ...where } = range;
  const args: Parameters<typeof resend> = [{ deliveryId, ...where, validUntil: Date.now() + validityMs }];
  const workflowId = resendWorkflowId(deliveryId);
  for (;;) {
    try {
      await startChild(resend, { workflowId, args, parentClosePolicy: ParentClosePolicy.ABANDON });
      return;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    // One that is under way takes this along, unless it ends just now.
    if (await tell(workflowId)) return;
  }
}

async function tell(workflowId: string): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(replanSignal);
    return true;
  } catch {
    return false;
  }
}
