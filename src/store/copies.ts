import { batchesOf, type Batch } from '../delivery/batch.js';
import { archiveCopies } from '../delivery/message-key.js';
import type { Queryable } from './database.js';

/** What a relay took. What a person resolved as sent is not in it: nobody has seen a 250. */
const taken = `m.proof = 0 and m.status = 'sent' and m.reply not like 'resolved as %'`;

/**
 * Puts a copy into the ledger for each message of a range that was sent and has none. A copy's row is its original's
 * twin: recipient, leaf and Date are the original's, for it is made from them; the archive's address stands in the
 * settings. One statement: a kill leaves the copies or nothing, and repeated it adds none.
 */
export async function createCopies(
  database: Queryable,
  deliveryKey: number,
  range: { from: number; to: number },
): Promise<void> {
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, leaf, first_claimed_at, status)
     select m.delivery, $2, m.seq, m.revision, m.profile_row, m.address, m.leaf, m.first_claimed_at, 'pending'
     from message m where m.delivery = $1 and ${taken} and m.seq between $3 and $4
     on conflict do nothing`,
    [deliveryKey, archiveCopies, range.from, range.to],
  );
}

/**
 * @returns the batches in which a message was sent whose copy is not there yet, or not settled; none where the delivery
 *   has no archive, or nothing of it may leave any more
 */
export async function batchesOwingCopies(database: Queryable, deliveryId: string): Promise<Batch[]> {
  const { rows: targets } = await database.query<{ key: number; firstSeq: number; lastSeq: number; size: number }>(
    `select d.key, (r.settings #>> '{sending,batchSize}')::int as size,
       (select min(seq) from message where delivery = d.key and proof = 0) as "firstSeq",
       (select max(seq) from message where delivery = d.key and proof = 0) as "lastSeq"
     from delivery d join revision r on r.key = d.analysed_revision
     where d.id = $1 and d.approved_seal is not null and d.broken_seq is null and r.settings ? 'bcc'`,
    [deliveryId],
  );
  const [target] = targets;
  if (!target) return [];
  // No join of originals with copies: what the planner knows of either is of before the sending, when there was none, and
  // for every row of one it may look through all of the other.
  const { rows } = await database.query<{ number: number }>(
    `select distinct (owing.seq - $2::int) / $3::int as number from (
       select m.seq from message m where m.delivery = $1 and m.proof in (0, $4) group by m.seq
       having bool_or(${taken})
         and not bool_or(m.proof = $4 and m.status not in ('pending', 'sending', 'retrying'))
     ) owing`,
    [target.key, target.firstSeq, target.size, archiveCopies],
  );
  const owing = new Set(rows.map(({ number }) => number));
  return batchesOf(target, target.size).filter(({ number }) => owing.has(number));
}
