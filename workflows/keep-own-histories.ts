import { patched, workflowInfo } from '@temporalio/workflow';
import { keepHistories } from './keep-histories.js';
import { runHistoriesWorkflowId } from './messages.js';
import { startAbandoned } from './start-abandoned.js';

/** Has the history of this very run copied once it has closed: its workflow id may be used again by then. */
export async function keepOwnHistories(deliveryId: string): Promise<void> {
  if (!patched('keeps-own-histories')) return;
  const { workflowId, runId } = workflowInfo();
  await startAbandoned(keepHistories, {
    workflowId: runHistoriesWorkflowId(workflowId, runId),
    staticSummary: `Histories of ${workflowId}`,
    args: [{ deliveryId, run: { workflowId, runId } }],
  });
}
