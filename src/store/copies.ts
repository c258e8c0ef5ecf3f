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
  const { rows } = await database.query<{ firstSeq: number; lastSeq: number; size: number; numbers: number[] }>(
    `with target as (
       select d.key, min(m.seq) as first, max(m.seq) as last, (r.settings #>> '{sending,batchSize}')::int as size
       from delivery d join revision r on r.key = d.analysed_revision
       join message m on m.delivery = d.key and m.proof = 0
       where d.id = $1 and d.approved_seal is not null and d.broken_seq is null and r.settings ? 'bcc'
       group by d.key, r.key
     )
     select t.first as "firstSeq", t.last as "lastSeq", t.size, array_agg(distinct (m.seq - t.first) / t.size) as numbers
     from target t join message m on m.delivery = t.key
     left join message c on c.delivery = m.delivery and c.proof = $2 and c.seq = m.seq
     where ${taken} and (c.seq is null or c.status in ('pending', 'sending', 'retrying'))
     group by t.first, t.last, t.size`,
    [deliveryId, archiveCopies],
  );
  return rows.flatMap(({ size, numbers, ...target }) =>
    batchesOf(target, size).filter(({ number }) => numbers.includes(number)),
  );
}
