import { collectClosed } from '../src/audit/collect-histories.js';
import { closeUntold } from '../src/store/journal.js';
import { storeHistories } from '../src/store/histories.js';
import type { Dependencies } from './dependencies.js';
import { heartbeating } from './heartbeating.js';

/** A minute. */
const closingLooks = 120;

/**
 * Copies the histories of a delivery's workflows to Postgres once they have closed. Safe to repeat.
 *
 * @param input - `awaitClose`: the delivery has said that it ends, so wait a minute for it; `runId`: of one run alone
 * @returns whether they had closed; nothing is stored otherwise
 */
export async function exportHistories(
  { database, temporal }: Dependencies,
  input: { deliveryId: string; workflowIds: readonly string[]; runId?: string; awaitClose: boolean },
): Promise<{ closed: boolean }> {
  return await heartbeating(async (beat) => {
    const { workflowIds: ids, runId: last } = input;
    const looks = input.awaitClose ? closingLooks : 1;
    const { runs, closed } = await collectClosed(temporal, { ids, last, looks }, (look) => beat({ look }));
    if (!closed) return { closed };
    await storeHistories(database, input.deliveryId, runs);
    const own = runs.findLast(({ workflowId }) => workflowId === `delivery:${input.deliveryId}`);
    const ended = own?.history.events.at(-1)?.['eventType'];
    const byItself = ended === 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED';
    if (own) await closeUntold(database, input.deliveryId, byItself ? 'conflict' : 'terminated');
    return { closed };
  });
}
