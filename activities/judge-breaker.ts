import type { Batch } from '../src/delivery/batch.js';
import { runsLookedAt, tripBreaker } from '../src/delivery/breaker.js';
import { setControl } from '../src/store/progress.js';
import { latestRuns, recordRun } from '../src/store/settled-runs.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Counts what a run of a batch has settled, unless the breaker is off.
 *
 * @param begun - milliseconds since the epoch
 * @returns whether the delivery must pause: a hint, for {@link judgeBreaker} decides
 */
export async function countRun(
  { database }: Dependencies,
  revision: CompiledRevision,
  batch: Batch,
  begun: number,
): Promise<boolean> {
  if (revision.settings.sending.breaker === 'off') return false;
  await recordRun(database, revision.deliveryKey, batch, begun);
  return (await whyPause(database, revision)) !== undefined;
}

/**
 * Pauses a delivery of which too much has gone wrong. From the moment at which the ledger says so nothing more is claimed; the
 * process hears of it next. Killed in between, it is judged once more, by what has been settled then, and the ledger says what
 * comes of that.
 *
 * @returns why it was paused, in numbers
 */
export async function judgeBreaker(
  { database }: Dependencies,
  revision: CompiledRevision,
  deliveryId: string,
): Promise<{ heldFor?: string }> {
  const heldFor = await whyPause(database, revision);
  await setControl(database, deliveryId, heldFor === undefined ? 'run' : 'pause');
  return heldFor === undefined ? {} : { heldFor };
}

async function whyPause(
  database: Dependencies['database'],
  { deliveryKey, settings }: CompiledRevision,
): Promise<string | undefined> {
  const { breaker } = settings.sending;
  return tripBreaker(breaker, await latestRuns(database, deliveryKey, runsLookedAt(breaker)));
}
