import { CancellationScope, executeChild, ParentClosePolicy, setHandler, workflowInfo } from '@temporalio/workflow';
import { keepOwnHistories } from './keep-own-histories.js';
import {
  deliveryEndedSignal,
  replanSignal,
  runHistoriesWorkflowId,
  sendingWorkflowId,
  type ResendInput,
} from './messages.js';
import { sending } from './sending.js';
import { long, quick } from './steps.js';
import { tell } from './tell.js';

/** Sends what was in doubt once more, after its delivery has finished: the approved seal still holds. */
export async function resend(input: ResendInput): Promise<void> {
  const { deliveryId } = input;
  const workflowId = sendingWorkflowId(deliveryId);
  let again = false;
  setHandler(replanSignal, async () => {
    again = true;
    await tell(workflowId, replanSignal);
  });
  await keepOwnHistories(deliveryId);
  try {
    do {
      again = false;
      await quick.setControl({ deliveryId, control: 'run' });
      await executeChild(sending, {
        workflowId,
        staticSummary: `Messages of delivery ${deliveryId} that were in doubt`,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        args: [{ ...input, control: 'run', nextBatch: 0, retrying: true, together: true }],
      });
      await long.exportHistories({ deliveryId, workflowIds: [workflowId], awaitClose: true });
    } while (again);
  } finally {
    // Cancelled, too: nothing may leave any more, and what was not sent again is in doubt as before.
    await CancellationScope.nonCancellable(async () => {
      await long.finishDelivery({ deliveryId, outcome: 'finished' });
      const { workflowId: own, runId } = workflowInfo();
      await tell(runHistoriesWorkflowId(own, runId), deliveryEndedSignal);
    });
  }
}
