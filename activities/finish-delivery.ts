import { archiveCopies } from '../src/delivery/message-key.js';
import type { StatusCounts } from '../src/delivery/message-status.js';
import { closeMessages, countStatuses, setControl } from '../src/store/progress.js';
import { forgetRuns } from '../src/store/settled-runs.js';
import type { Dependencies } from './dependencies.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { sendOwedCopies } from './send-copies.js';

/**
 * Ends a delivery whose batches no longer run: what is open is closed, and the archive gets what it is still owed. Safe
 * to repeat at any point: what is closed stays so.
 *
 * @param readApproved - the revision whose seal was approved
 */
export async function finishDelivery(
  dependencies: Dependencies,
  readApproved: (deliveryId: string) => Promise<CompiledRevision>,
  { deliveryId }: { deliveryId: string },
): Promise<{ counts: StatusCounts }> {
  const { database } = dependencies;
  return await heartbeating(async (beat) => {
    await setControl(database, deliveryId, 'stop');
    // First the messages: a worker that wakes up late can make none of them sent any more, whose copy would be missed.
    await closeMessages(database, deliveryId);
    await sendOwedCopies(dependencies, readApproved, { deliveryId, beat });
    await closeMessages(database, deliveryId, archiveCopies);
    await forgetRuns(database, deliveryId);
    return { counts: await countStatuses(database, deliveryId) };
  });
}
