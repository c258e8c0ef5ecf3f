import { isFinal, type Phase } from '../delivery/phase.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import { archiveCopies } from '../delivery/message-key.js';
import { inTransaction, type Database, type Queryable, type Transaction } from './database.js';
import { closeMessages } from './progress.js';

/** Appends the workflow's entries; one that is there already (a retried activity) stays as it was. */
export async function appendJournal(
  database: Database,
  deliveryId: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  await withLockedDelivery(database, deliveryId, (tx, key) => insertJournalEntries(tx, key, entries));
}

/** Runs `work` in one transaction that holds the delivery's row; does nothing where there is no such delivery. */
export async function withLockedDelivery(
  database: Database,
  deliveryId: string,
  work: (tx: Transaction, deliveryKey: number) => Promise<void>,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { rows } = await tx.query<{ key: number }>('select key from delivery where id = $1 for update', [deliveryId]);
    if (rows[0]) await work(tx, rows[0].key);
  });
}

/**
 * Gives entries their place in the journal. The delivery's row must be locked.
 *
 * @param entries - with the workflow's own number, where it is the workflow's
 */
export async function insertJournalEntries(
  tx: Transaction,
  deliveryKey: number,
  entries: readonly (Omit<JournalEntry, 'n'> & { n?: number })[],
): Promise<void> {
  await tx.query(
    `insert into journal (delivery, n, entry, at, kind, data)
     select $1, (select coalesce(max(n), 0) from journal where delivery = $1) + row_number() over (order by place),
       (e->>'n')::int, (e->>'at')::timestamptz, e->>'kind', e - 'n' - 'at' - 'kind'
     from jsonb_array_elements($2::jsonb) with ordinality as given(e, place)
     where not exists (select from journal j where j.delivery = $1 and j.entry = (e->>'n')::int)`,
    [deliveryKey, JSON.stringify(entries)],
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
 * Closes journal and messages of a delivery whose workflow has closed without a word of its own, for somebody terminated
 * it in Temporal. Does nothing where the journal tells the end already. One transaction: a kill leaves all of it to the
 * next attempt.
 */
export async function closeTerminated(database: Database, deliveryId: string): Promise<void> {
  await withLockedDelivery(database, deliveryId, async (tx, key) => {
    const { rows } = await tx.query<{ phase: Phase }>(
      `select data->>'phase' as phase from journal where delivery = $1 and kind = 'phase'
       order by n desc limit 1`,
      [key],
    );
    if (rows[0] && isFinal(rows[0].phase)) return;
    const at = new Date().toISOString();
    const reason = 'the workflow was terminated in Temporal';
    await insertJournalEntries(tx, key, [{ at, kind: 'phase', phase: 'failed', reason }]);
    await closeMessages(tx, deliveryId);
    await closeMessages(tx, deliveryId, archiveCopies);
  });
}
