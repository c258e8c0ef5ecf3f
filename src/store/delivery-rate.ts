import type { Rate } from '../delivery/rate.js';
import type { Queryable } from './database.js';

/** Tells the ledger how fast messages may leave. Workers hear of it within a second. */
export async function setRate(database: Queryable, deliveryId: string, rate: Rate | undefined): Promise<void> {
  await database.query('update delivery set rate_messages = $2, rate_per_ms = $3 where id = $1', [
    deliveryId,
    rate?.messages ?? null,
    rate?.perMs ?? null,
  ]);
  // A statement of its own, for claims wait for that one. What was put off by another rate is planned anew; killed in
  // between, the activity is repeated.
  await database.query(
    `update message m set next_attempt_at = null from delivery d
     where d.id = $1 and m.delivery = d.key and m.proof = 0 and m.status = 'pending' and m.next_attempt_at is not null`,
    [deliveryId],
  );
}

export async function readRate(database: Queryable, deliveryKey: number): Promise<Rate | undefined> {
  const { rows } = await database.query<{ messages: number | null; perMs: number | null }>(
    'select rate_messages as messages, rate_per_ms as "perMs" from delivery where key = $1',
    [deliveryKey],
  );
  const { messages, perMs } = rows[0] ?? {};
  return messages && perMs ? { messages, perMs } : undefined;
}
