import type { JournalEntry } from '../delivery/journal-entry.js';
import type { Queryable } from './database.js';

/** Appends entries; one that is there already (a retried activity) stays as it was. */
export async function appendJournal(
  database: Queryable,
  deliveryId: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  await database.query(
    `insert into journal (delivery, n, at, kind, data)
     select d.key, (e->>'n')::int, (e->>'at')::timestamptz, e->>'kind', e - 'n' - 'at' - 'kind'
     from delivery d, jsonb_array_elements($2::jsonb) e where d.id = $1
     on conflict do nothing`,
    [deliveryId, JSON.stringify(entries)],
  );
}

/** The journal of a delivery in order. */
export async function readJournal(database: Queryable, deliveryId: string): Promise<JournalEntry[]> {
  const { rows } = await database.query<{ n: number; at: Date; kind: JournalEntry['kind']; data: object }>(
    `select j.n, j.at, j.kind, j.data from journal j join delivery d on d.key = j.delivery where d.id = $1 order by j.n`,
    [deliveryId],
  );
  return rows.map(({ n, at, kind, data }) => ({ n, at: at.toISOString(), kind, ...data }));
}

/**
 * Closes the journal of a delivery whose workflow has closed without a word of its own, for somebody terminated it in
 * Temporal. Does nothing where the journal tells the end already.
 *
 * @returns whether it did
 */
export async function journalTermination(database: Queryable, deliveryId: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into journal (delivery, n, at, kind, data)
     select d.key, coalesce(max(j.n), 0) + 1, now(), 'phase',
       '{"phase": "failed", "reason": "the workflow was terminated in Temporal"}'
     from delivery d left join journal j on j.delivery = d.key
     where d.id = $1 group by d.key
     having coalesce((array_agg(j.data->>'phase' order by j.n desc) filter (where j.kind = 'phase'))[1], 'checking')
       not in ('finished', 'stopped', 'expired', 'failed')`,
    [deliveryId],
  );
  return rowCount === 1;
}
