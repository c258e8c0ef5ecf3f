import type { Client } from '@temporalio/client';
import { deliveryWorkflowId, inDoubtWorkflowId, sendingWorkflowId } from '../../workflows/messages.js';
import { collectClosed } from '../audit/collect-histories.js';
import { isFinal } from '../delivery/phase.js';
import type { Queryable } from '../store/database.js';
import { findDelivery } from '../store/deliveries.js';
import { historyRuns, type StoredHistory } from '../store/histories.js';

/** Ten seconds: it closes with its next workflow task, or no worker is there. */
const closingLooks = 20;

/** Runs of a delivery's workflows: those that are kept, and of one that has not closed what Temporal has now. */
export async function* deliveryRuns(temporal: Client, database: Queryable, id: string): AsyncGenerator<StoredHistory> {
  const own = deliveryWorkflowId(id);
  const kept = new Set<string>();
  let hasClosed = false;
  for await (const run of historyRuns(database, id)) {
    kept.add(run.runId);
    hasClosed ||= run.workflowId === own;
    yield run;
  }
  if (hasClosed) return;
  const ids = [own, sendingWorkflowId(id), inDoubtWorkflowId(id)];
  const { phase } = (await findDelivery(database, id)) ?? {};
  // Of one that has told its end and not closed yet, an auditor would hear that its history was cut off.
  const looks = phase && isFinal(phase) ? closingLooks : 1;
  const { runs } = await collectClosed(temporal, { ids, looks });
  yield* runs.filter(({ runId }) => !kept.has(runId));
}
