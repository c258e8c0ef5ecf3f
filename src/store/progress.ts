import { firstBatches } from '../delivery/batch.js';
import type { StatusCounts, MessageStatus } from '../delivery/message-status.js';
import type { Control } from '../delivery/process.js';
import { insertUnheardAttempts } from './attempts.js';
import type { Queryable } from './database.js';
import { isRecipient } from './seeds.js';

/**
 * Tells the ledger what may leave; waits for claims that are being made, and holds for every later one. A seal that was found
 * broken stops a delivery for good. Where messages may leave again after a pause, what went wrong before it counts no more.
 */
export async function setControl(database: Queryable, deliveryId: string, control: Control): Promise<void> {
  await database.query(
    `update delivery set control = case when broken_seq is null then $2 else 'stop' end,
       counted_from = case when control = 'pause' and $2 = 'run' then clock_timestamp() else counted_from end
     where id = $1`,
    [deliveryId, control],
  );
}

/** Stops a delivery because a message no longer matches what was approved. */
export async function recordBrokenSeal(database: Queryable, deliveryKey: number, seq: number): Promise<void> {
  await database.query(`update delivery set control = 'stop', broken_seq = coalesce(broken_seq, $2) where key = $1`, [
    deliveryKey,
    seq,
  ]);
}

/** What relays said of messages that are still to be sent: why a delivery is held up. The commonest three. */
export async function openReplies(
  database: Queryable,
  deliveryId: string,
): Promise<{ reply: string; messages: number }[]> {
  const { rows } = await database.query<{ reply: string; messages: number }>(
    `select m.reply, count(*)::int as messages from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = 0 and m.status in ('pending', 'retrying') and m.reply is not null
     group by m.reply order by messages desc, m.reply limit 3`,
    [deliveryId],
  );
  return rows;
}

/** @returns the message that no longer matched its sealed leaf, if one was found */
export async function findBrokenSeal(
  database: Queryable,
  deliveryId: string,
): Promise<{ seq: number; row: number } | undefined> {
  const { rows } = await database.query<{ seq: number; row: number }>(
    `select m.seq, m.profile_row as "row" from delivery d
     join message m on m.delivery = d.key and m.proof = 0 and m.seq = d.broken_seq where d.id = $1`,
    [deliveryId],
  );
  return rows[0];
}

/** Messages of the main target (proof 0) without its seeds, of a proof or of the copies by status. */
export async function countStatuses(database: Queryable, deliveryId: string, proof = 0): Promise<StatusCounts> {
  const { rows } = await database.query<{ status: MessageStatus; count: number }>(
    `select m.status, count(*)::int as count from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = $2 and (m.proof <> 0 or ${isRecipient}) group by m.status order by m.status`,
    [deliveryId, proof],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** What became of a range of the messages under the seal. */
export async function countRange(
  database: Queryable,
  deliveryId: string,
  { firstSeq, lastSeq }: { firstSeq: number; lastSeq: number },
): Promise<StatusCounts> {
  const { rows } = await database.query<{ status: MessageStatus; count: number }>(
    `select m.status, count(*)::int as count from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = 0 and m.seq between $2 and $3 and m.leaf is not null group by m.status`,
    [deliveryId, firstSeq, lastSeq],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** What of the main target and of its copies is still open, and whether the seal was found broken. */
export async function inspect(
  database: Queryable,
  deliveryId: string,
): Promise<{ open: number; sending: number; waiting: number; sealBroken: boolean; lastSentAt: Date | null }> {
  const { rows } = await database.query(
    `select d.broken_seq is not null as "sealBroken",
       count(m.seq) filter (where m.status in ('pending', 'sending', 'retrying'))::int as open,
       count(m.seq) filter (where m.status = 'sending')::int as sending,
       count(m.seq) filter (where m.status in ('pending', 'retrying'))::int as waiting,
       max(m.settled_at) filter (where m.status = 'sent') as "lastSentAt"
     from delivery d left join message m on m.delivery = d.key and m.proof <= 0
     where d.id = $1 group by d.key`,
    [deliveryId],
  );
  return rows[0] ?? { open: 0, sending: 0, waiting: 0, sealBroken: false, lastSentAt: null };
}

/**
 * Ends what is open when no batch runs any more: waiting messages are canceled, and one that a dead worker left in
 * `sending` is in doubt (RFC 5321 §6.1), as is one that was in doubt before and was to be sent again.
 */
export async function closeMessages(database: Queryable, deliveryId: string, proof = 0): Promise<void> {
  await database.query(
    `with closed as (
       update message m set
         status = case when m.status = 'sending' or m.possible_duplicate then 'in-doubt' else 'canceled' end::message_status,
         next_attempt_at = null
       from delivery d
       where d.id = $1 and m.delivery = d.key and m.proof = $2 and m.status in ('pending', 'sending', 'retrying')
       returning m.*
     ) ${insertUnheardAttempts('closed')}`,
    [deliveryId, proof],
  );
}

/** Fails what has not been delivered when validity ends, with the last reason known. */
export async function expireMessages(database: Queryable, deliveryId: string): Promise<void> {
  await database.query(
    `update message m set
       status = case when m.possible_duplicate then 'in-doubt' else 'failed' end::message_status,
       reason = case when not m.possible_duplicate then coalesce(m.reason, 'unreachable') end, next_attempt_at = null
     from delivery d
     where d.id = $1 and m.delivery = d.key and m.proof <= 0 and m.status in ('pending', 'retrying')`,
    [deliveryId],
  );
}

/** The most batches that one plan names: it goes into workflow history. */
const batchesPerPlan = 500;

export interface RetryPlan {
  /** Milliseconds since the epoch; absent when nothing is left to try. */
  nextAt?: number;
  /** Numbers of the batches that have something due by then. */
  batches: number[];
}

export interface RetryPlanInput {
  /** How sequence numbers fall into batches. */
  firstSeq: number;
  batchSize: number;
  /** The waves that have begun: where each begins, and where the last of them ends. */
  waves?: { firstSeqs: readonly number[]; lastSeq: number };
  /** Milliseconds since the epoch, both. */
  now: number;
  validUntil: number;
  /** Retries that fall due within this many milliseconds are taken together: history grows with plans, not with messages. */
  grainMs: number;
}

/** Finds out when a message or a copy is due next, and in which batches. */
export async function planRetries(
  database: Queryable,
  deliveryId: string,
  { firstSeq, batchSize, waves, now, validUntil, grainMs }: RetryPlanInput,
): Promise<RetryPlan> {
  const { firstSeqs, lastSeq } = waves ?? { firstSeqs: [firstSeq], lastSeq: null };
  const waiting = `from message m join delivery d on d.key = m.delivery
    where d.id = $1 and d.control <> 'stop' and m.proof <= 0 and m.status in ('pending', 'retrying')
      and ($3::int is null or m.seq <= $3)`;
  const { rows: first } = await database.query<{ retry: Date | null; putOff: Date | null }>(
    `select min(m.next_attempt_at) filter (where m.status = 'retrying') as retry,
       min(coalesce(m.next_attempt_at, $2)) filter (where m.status = 'pending') as "putOff" ${waiting}`,
    [deliveryId, new Date(now), lastSeq],
  );
  const retry = first[0]?.retry ? Math.max(now, first[0].retry.getTime()) : Infinity;
  // Permits are of one period: what was put off until it begins must not wait for others.
  const putOff = first[0]?.putOff ? Math.max(now, first[0].putOff.getTime()) : Infinity;
  if (Math.min(retry, putOff) === Infinity) return { batches: [] };
  const together = retry === now ? now : Math.max(retry, Math.min(retry + Math.ceil(grainMs), validUntil));
  const nextAt = Math.min(putOff, together);
  const { rows } = await database.query<{ number: number }>(
    `select distinct ($6::int[])[w.wave] + (m.seq - ($5::int[])[w.wave]) / $4::int as number
     from (select m.seq ${waiting} and coalesce(m.next_attempt_at, $2) <= $2) m,
       lateral (select width_bucket(m.seq, $5::int[]) as wave) w
     order by number limit $7`,
    [deliveryId, new Date(nextAt), lastSeq, batchSize, firstSeqs, firstBatches(firstSeqs, batchSize), batchesPerPlan],
  );
  return { nextAt, batches: rows.map(({ number }) => number) };
}
