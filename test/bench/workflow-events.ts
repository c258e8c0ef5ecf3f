import type { Client } from '@temporalio/client';
import { deliveryWorkflowId, sendingWorkflowId } from '../../workflows/messages.js';

/** @returns events in the histories of a delivery that has ended: parent and child, all their runs */
export async function countWorkflowEvents(client: Client, deliveryId: string): Promise<number> {
  let events = 0;
  for (const workflowId of [deliveryWorkflowId(deliveryId), sendingWorkflowId(deliveryId)]) {
    // The child ends just after it has told its parent.
    await client.workflow.getHandle(workflowId).result();
    events += await eventsOfChain(client, workflowId);
  }
  return events;
}

/** From the last run back to the first one. */
async function eventsOfChain(client: Client, workflowId: string): Promise<number> {
  let events = 0;
  let runId: string | undefined;
  do {
    const run = await client.workflow.getHandle(workflowId, runId).describe();
    events += run.historyLength;
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId: run.runId },
      maximumPageSize: 1,
    });
    const [first] = history?.events ?? [];
    runId = first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  } while (runId !== undefined);
  return events;
}
