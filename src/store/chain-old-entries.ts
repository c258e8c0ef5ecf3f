import { chainHash, chainStart } from '../audit/journal-chain.js';
import type { Transaction } from './database.js';
import { readChainedJournal } from './journal.js';

/**
 * The second half of the migration `0012_journal_chain`: hashes for entries that were there before it. Nobody writes to the
 * journal meanwhile; a kill leaves it to the next `migrate`.
 */
export async function chainOldEntries(tx: Transaction): Promise<void> {
  const { rows } = await tx.query<{ done: boolean }>(
    `select attnotnull as done from pg_attribute where attrelid = 'journal'::regclass and attname = 'hash'`,
  );
  if (rows[0]?.done) return;
  // Takes the lock that keeps writers out.
  await tx.query('alter table journal disable trigger journal_append_only');
  const deliveries = await tx.query<{ key: number; id: string }>(
    'select key, id from delivery d where exists (select from journal where delivery = d.key)',
  );
  for (const { key, id } of deliveries.rows) await chainDelivery(tx, key, id);
  await tx.query('alter table journal enable trigger journal_append_only');
  await tx.query('alter table journal alter column hash set not null');
}

async function chainDelivery(tx: Transaction, key: number, id: string): Promise<void> {
  const entries = await readChainedJournal(tx, id);
  let previous = chainStart;
  const hashes = entries.map((entry) => {
    previous = chainHash(previous, id, entry);
    return previous.toString('hex');
  });
  await tx.query(
    `update journal j set hash = decode(given.hash, 'hex')
     from unnest($2::int[], $3::text[]) as given(n, hash) where j.delivery = $1 and j.n = given.n`,
    [key, entries.map(({ n }) => n), hashes],
  );
}
