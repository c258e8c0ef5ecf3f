import type { MessageStatus, Reason } from '../delivery/message-status.js';
import type { Control } from '../delivery/process.js';
import type { Queryable } from './database.js';

/** A batch of one delivery: proof 0 is the main target. */
export interface BatchKey {
  deliveryKey: number;
  proof: number;
  number: number;
}

export interface ClaimedMessage {
  seq: number;
  address: string;
  fields: Record<string, string>;
  /** Of the main target: what was sealed. Of a proof: null. */
  leaf: Buffer | null;
  /** This one included. */
  attempts: number;
  firstClaimedAt: Date;
}

/**
 * Takes a batch over from whatever attempt had it: from here on, claims and results of older attempts are refused, and
 * every message that one of them left in `sending` is in doubt, for its SMTP transcript died with the process
 * (RFC 5321 §6.1). Under `resend` such a message is tried again and marked as a possible duplicate.
 *
 * @returns the epoch of this attempt
 */
export async function fenceBatch(
  database: Queryable,
  batch: BatchKey,
  range: { from: number; to: number },
  inDoubt: 'hold' | 'resend',
): Promise<number> {
  const { rows } = await database.query<{ epoch: number }>(
    `with fence as (
       insert into batch (delivery, proof, number, epoch) values ($1, $2, $3, 1)
       on conflict (delivery, proof, number) do update set epoch = batch.epoch + 1
       returning epoch
     ), left_behind as (
       update message m set
         status = case when $6 then 'retrying' else 'in-doubt' end::message_status,
         possible_duplicate = m.possible_duplicate or $6, next_attempt_at = case when $6 then to_timestamp(0) end,
         reply = 'the worker ended before the reply was recorded', settled_at = now()
       from fence
       where m.delivery = $1 and m.proof = $2 and m.seq between $4 and $5 and m.status = 'sending'
     )
     select epoch from fence`,
    [batch.deliveryKey, batch.proof, batch.number, range.from, range.to, inDoubt === 'resend'],
  );
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error('fencing a batch returned no epoch');
  return epoch;
}

export interface Claim {
  messages: ClaimedMessage[];
  /** Rows that the claim has dealt with: claimed ones and those that it left out. */
  taken: number;
}

/**
 * Claims the next messages of a batch as `sending`, committed before a byte of MAIL is written: what a kill leaves
 * behind is found by the next fence. One statement, guarded by the batch's epoch, by the delivery's control row and by
 * the approval of its seal; who was denylisted after the seal is left out here.
 *
 * @param now - milliseconds since the epoch; retries due by then are claimed too
 */
export async function claimMessages(
  database: Queryable,
  batch: BatchKey & { epoch: number },
  range: { from: number; to: number },
  options: { limit: number; now: number },
): Promise<Claim> {
  const { rows } = await database.query({
    name: 'claim-messages',
    text: claimStatement,
    values: [
      batch.deliveryKey,
      batch.proof,
      batch.number,
      batch.epoch,
      range.from,
      range.to,
      new Date(options.now),
      options.limit,
    ],
  });
  const messages = rows.filter((row) => row.status === 'sending').sort((a, b) => a.seq - b.seq);
  return { messages, taken: rows.length };
}

const claimStatement = `
with permitted as (
  select d.key from delivery d join batch b on b.delivery = d.key
  where d.key = $1 and b.proof = $2 and b.number = $3 and b.epoch = $4
    and ($2 > 0 or (d.control = 'run' and d.approved_seal is not null))
  for share of d, b
), picked as (
  select m.seq from message m
  where exists (select from permitted) and m.delivery = $1 and m.proof = $2 and m.seq between $5 and $6
    and (m.status = 'pending' or (m.status = 'retrying' and m.next_attempt_at <= $7))
  order by m.seq limit $8 for update
), judged as (
  select k.seq, exists (
    select from message x join denylist y on y.address = x.address
    where x.delivery = $1 and x.proof = $2 and x.seq = k.seq and x.proof = 0
  ) as denylisted from picked k
)
update message m set
  status = case when j.denylisted then 'ignored' else 'sending' end::message_status,
  reason = case when j.denylisted then 'denylisted' end,
  epoch = $4,
  attempts = m.attempts + case when j.denylisted then 0 else 1 end,
  first_claimed_at = coalesce(m.first_claimed_at, $7::timestamptz),
  next_attempt_at = null
from judged j, profile p
where m.delivery = $1 and m.proof = $2 and m.seq = j.seq and p.revision = m.revision and p."row" = m.profile_row
returning m.seq, m.address, p.fields, m.leaf, m.attempts, m.first_claimed_at as "firstClaimedAt", m.status`;

/** What became of one claimed message. */
export interface Settlement {
  seq: number;
  status: Extract<MessageStatus, 'sent' | 'retrying' | 'failed' | 'in-doubt' | 'pending'>;
  reason?: Reason;
  reply?: string;
  /** Milliseconds since the epoch. */
  settledAt: number;
  /** Milliseconds since the epoch, of `retrying`. */
  nextAttemptAt?: number;
  /** The relay may have taken an earlier copy. */
  possibleDuplicate?: boolean;
}

/**
 * Records results of one claim. A row counts only while it is still `sending` in this attempt's epoch: what a fence has
 * put in doubt stays so.
 *
 * @returns how many were recorded
 */
export async function settleMessages(
  database: Queryable,
  batch: BatchKey & { epoch: number },
  settlements: readonly Settlement[],
): Promise<number> {
  const { rowCount } = await database.query({
    name: 'settle-messages',
    text: `update message m set
         status = r.status::message_status, reason = r.reason, reply = r.reply,
         settled_at = r.settled_at, next_attempt_at = r.next_attempt_at,
         attempts = m.attempts - case when r.status = 'pending' then 1 else 0 end,
         possible_duplicate = m.possible_duplicate or r.possible_duplicate
       from unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::boolean[])
         as r(seq, status, reason, reply, settled_at, next_attempt_at, possible_duplicate)
       where m.delivery = $1 and m.proof = $2 and m.epoch = $3 and m.seq = r.seq and m.status = 'sending'`,
    values: [
      batch.deliveryKey,
      batch.proof,
      batch.epoch,
      settlements.map(({ seq }) => seq),
      settlements.map(({ status }) => status),
      settlements.map(({ reason }) => reason ?? null),
      settlements.map(({ reply }) => reply ?? null),
      settlements.map(({ settledAt }) => new Date(settledAt)),
      settlements.map(({ nextAttemptAt }) => (nextAttemptAt === undefined ? null : new Date(nextAttemptAt))),
      settlements.map(({ possibleDuplicate }) => possibleDuplicate ?? false),
    ],
  });
  return rowCount ?? 0;
}

/** Why a claim came back empty: nothing is left for now, or the batch may not go on. */
export async function whyNothing(
  database: Queryable,
  batch: BatchKey & { epoch: number },
): Promise<'done' | 'fenced' | Exclude<Control, 'run'>> {
  const { rows } = await database.query<{ control: Control; epoch: number }>(
    `select d.control, b.epoch from delivery d join batch b on b.delivery = d.key
     where d.key = $1 and b.proof = $2 and b.number = $3`,
    [batch.deliveryKey, batch.proof, batch.number],
  );
  const row = rows[0];
  if (!row || row.epoch !== batch.epoch) return 'fenced';
  return batch.proof > 0 || row.control === 'run' ? 'done' : row.control;
}
