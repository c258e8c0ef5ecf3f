import type { Batch } from '../delivery/batch.js';
import type { StatusCounts } from '../delivery/message-status.js';
import { unheardReply } from './attempts.js';
import type { Queryable } from './database.js';

/**
 * Keeps what a run of a batch has settled. What a worker that died had left in doubt is not among it, for that says nothing of
 * the relay. Killed before it or after it, the next attempt's run counts from the same time, in its place.
 *
 * @param since - milliseconds since the epoch, by the clock that settled: when the run began
 */
export async function recordRun(
  database: Queryable,
  deliveryKey: number,
  { number, from, to }: Batch,
  since: number,
): Promise<void> {
  await database.query(
    `insert into settled_run (delivery, batch, since, counts)
     select $1, $5, $4, json_object_agg(status, count) from (
       select status, count(*) from message
       where delivery = $1 and proof = 0 and seq between $2 and $3 and settled_at >= $4
         and status in ('sent', 'accepted-by-provider', 'failed', 'retrying', 'in-doubt')
         and not (status = 'in-doubt' and reply = '${unheardReply}')
       group by status
     ) settled having count(*) > 0
     on conflict (delivery, batch, since) do update set counts = excluded.counts, ended_at = excluded.ended_at
       where settled_run.counts <> excluded.counts`,
    [deliveryKey, from, to, new Date(since), number],
  );
}

/** @returns what each run has settled since the delivery last went on after a pause, the latest first */
export async function latestRuns(database: Queryable, deliveryKey: number, most: number): Promise<StatusCounts[]> {
  const { rows } = await database.query<{ counts: StatusCounts }>(
    `select r.counts from settled_run r join delivery d on d.key = r.delivery
     where d.key = $1 and (d.counted_from is null or r.ended_at > d.counted_from) order by r.ended_at desc limit $2`,
    [deliveryKey, most],
  );
  return rows.map(({ counts }) => counts);
}

/** Of a delivery that has ended. */
export async function forgetRuns(database: Queryable, deliveryId: string): Promise<void> {
  await database.query('delete from settled_run r using delivery d where d.id = $1 and r.delivery = d.key', [
    deliveryId,
  ]);
}
