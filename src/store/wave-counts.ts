import type { StatusCounts } from '../delivery/message-status.js';
import type { Queryable } from './database.js';
import { isRecipient } from './seeds.js';

/** What became of the messages of one wave. */
export interface WaveStatus {
  /** From 1. */
  wave: number;
  messages: number;
  counts: StatusCounts;
}

/** What became of the main target's messages by the wave in which they leave; none where the schedule has no waves. */
export async function countWaveStatuses(database: Queryable, deliveryId: string): Promise<WaveStatus[]> {
  const { rows } = await database.query<WaveStatus>(
    `with planned as (
       select d.key, array_agg((w->>'firstSeq')::int order by (w->>'firstSeq')::int) as first_seqs
       from delivery d join revision r on r.key = d.analysed_revision, jsonb_array_elements(r.schedule->'waves') w
       where d.id = $1 group by d.key
     ),
     counted as (
       select width_bucket(m.seq, p.first_seqs) as wave, m.status, count(*)::int as messages
       from planned p join message m on m.delivery = p.key and m.proof = 0
       where m.status <> 'ignored' and ${isRecipient} group by 1, 2
     )
     select wave, sum(messages)::int as messages, json_object_agg(status, messages) as counts
     from counted group by wave order by wave`,
    [deliveryId],
  );
  return rows;
}
