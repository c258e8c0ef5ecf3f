import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { deliveryEndedSignal, deliveryWorkflowId, sendingWorkflowId, type KeepHistoriesInput } from './messages.js';
import { long } from './steps.js';

/**
 * Stands beside a delivery, or one run of another of its workflows, and copies the histories to Postgres when it has closed:
 * told by a signal, or noticed within half a day where somebody terminated it, which is before any server's retention ends.
 */
export async function keepHistories(input: KeepHistoriesInput): Promise<void> {
  const { deliveryId, run } = input;
  const subject = run
    ? { deliveryId, workflowIds: [run.workflowId], runId: run.runId }
    : { deliveryId, workflowIds: [deliveryWorkflowId(deliveryId), sendingWorkflowId(deliveryId)] };
  // A decision on messages in doubt is a matter of moments.
  let ended = run !== undefined;
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
