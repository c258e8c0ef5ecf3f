import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { deliveryEndedSignal, deliveryWorkflowId, sendingWorkflowId, type KeepHistoriesInput } from './messages.js';
import { long } from './steps.js';

/**
 * Stands beside a delivery and copies its histories to Postgres when it has closed: told by a signal, or noticed within
 * half a day where somebody terminated it, which is before any server's retention ends.
 */
export async function keepHistories(input: KeepHistoriesInput): Promise<void> {
  const { deliveryId } = input;
  const subject = { deliveryId, workflowIds: [deliveryWorkflowId(deliveryId), sendingWorkflowId(deliveryId)] };
  let ended = false;
  setHandler(deliveryEndedSignal, () => {
    ended = true;
  });
  for (;;) {
    await condition(() => ended, '12h', { summary: 'Look whether the delivery has closed' });
    const { closed } = await long.exportHistories({ ...subject, awaitClose: ended });
    if (closed) return;
    ended = false;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof keepHistories>(input);
  }
}
