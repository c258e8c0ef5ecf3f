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
