import type { Batch } from '../delivery/batch.js';
import type { Profile } from '../delivery/definition.js';
import type { AttemptOutcome, MessageStatus, Reason } from '../delivery/message-status.js';
import type { Control } from '../delivery/process.js';
import { insertUnheardAttempts, unheardReply } from './attempts.js';
import type { Queryable } from './database.js';
import { leftOutReason } from './left-out.js';

/** A batch of one delivery: proof 0 is the main target, `archiveCopies` the copies of it. */
export interface BatchKey {
  deliveryKey: number;
  proof: number;
  number: number;
}

export interface ClaimedMessage {
  seq: number;
  address: string;
  fields: Profile['fields'];
  /** Of a proof: the address of the profile whose data it shows. Of others: null. */
  profileAddress: string | null;
  /** What was sealed; of a proof, what it was made as. */
  leaf: Buffer | null;
  /** This one included. */
  attempts: number;
  firstClaimedAt: Date;
}

/**
 * Takes batches over from whatever attempt had them: from here on, claims and results of older attempts are refused, and
 * every message that one of them left in `sending` is in doubt, for its SMTP transcript died with the process
 * (RFC 5321 §6.1). Under `resend` such a message is tried again and marked as a possible duplicate.
 *
 * @returns the epoch of this attempt, for each of the batches
 */
export async function fenceBatches(
  database: Queryable,
  { deliveryKey, proof }: Omit<BatchKey, 'number'>,
  batches: readonly Batch[],
  inDoubt: 'hold' | 'resend',
): Promise<number[]> {
  const { rows } = await database.query<{ number: number; epoch: number }>(
    `insert into batch (delivery, proof, number, epoch) select $1, $2, number, 1 from unnest($3::int[]) as number
     on conflict (delivery, proof, number) do update set epoch = batch.epoch + 1
     returning number, epoch`,
    [deliveryKey, proof, batches.map(({ number }) => number)],
  );
  const epochs = batches.map((batch) => {
    const epoch = rows.find(({ number }) => number === batch.number)?.epoch;
    if (epoch === undefined) throw new Error('fencing a batch returned no epoch');
    return epoch;
  });
  // A statement of its own: the one above waits for a claim that is being made, and would not see its messages. Killed
  // in between, the next fence finds them.
  await database.query(
    `with left_behind as (
       update message set
         status = case when $6 then 'retrying' else 'in-doubt' end::message_status,
         possible_duplicate = possible_duplicate or $6, next_attempt_at = case when $6 then to_timestamp(0) end,
         reply = '${unheardReply}', settled_at = now()
       from unnest($3::int[], $4::int[], $5::int[]) as fenced(first, last, new_epoch)
       where delivery = $1 and proof = $2 and seq between first and last and status = 'sending' and epoch < new_epoch
       returning message.*
     ) ${insertUnheardAttempts('left_behind')}`,
    [deliveryKey, proof, batches.map(({ from }) => from), batches.map(({ to }) => to), epochs, inDoubt === 'resend'],
  );
  return epochs;
}

/** {@link fenceBatches} for one. */
export async function fenceBatch(
  database: Queryable,
  batch: BatchKey,
  range: { from: number; to: number },
  inDoubt: 'hold' | 'resend',
): Promise<number> {
  const [epoch = 0] = await fenceBatches(database, batch, [{ ...range, number: batch.number }], inDoubt);
  return epoch;
}

export interface Claim {
  messages: ClaimedMessage[];
  /** Rows that the claim has dealt with: claimed ones and those that it left out. */
  taken: number;
  /** The last of them. */
  lastSeq?: number | undefined;
}

/** What became of one claimed message. */
export interface Settlement {
  seq: number;
  status: Extract<MessageStatus, 'sent' | 'retrying' | 'failed' | 'in-doubt' | 'pending'>;
  /** What the attempt came to; absent where that is `sent`. Under `pending` there was none. */
  outcome?: AttemptOutcome;
  /** Number of the claimed message's attempt, which decides whether the attempt has a row of its own; the row says the ledger's. */
  attempt: number;
  reason?: Reason;
  reply?: string;
  /** Milliseconds since the epoch. */
  settledAt: number;
  /** Milliseconds since the epoch, of `retrying`. */
  nextAttemptAt?: number;
  /** The relay may have taken an earlier copy. */
  possibleDuplicate?: boolean;
}

/** What a worker has to write and what it wants. */
export interface Exchange {
  settlements: readonly Settlement[];
  /** From which sequence numbers to claim, and how many at the most: 0 claims nothing. */
  from: number;
  to: number;
  limit: number;
  /** Milliseconds since the epoch; retries due by then are claimed too. */
  now: number;
  /** Domains of recipients: claims leave them out or, with `only`, take nothing else; none of them makes no difference. */
  domains?: readonly string[];
  only?: boolean;
  /** What was put off waits for its time; else who has a permit before may take it. */
  dueOnly?: boolean;
}

/**
 * Writes results and claims the next messages of a batch, in one committed statement: the dearest thing that the ledger
 * does is to commit.
 *
 * - A result counts only while its row is still `sending` in this attempt's epoch: what a fence has put in doubt stays
 *   so. Safe to repeat. It is a row of its own, too, but for a message that is sent at the first attempt.
 * - What is claimed is `sending` before a byte of MAIL is written, so that the next fence finds what a kill leaves
 *   behind. The claim is guarded by the batch's epoch, by the delivery's control row and by the approval of its seal; who
 *   was denylisted or quarantined after the seal is left out here, also where the analysis let in who was so before.
 *
 * A kill of ours or of the server before the commit leaves nothing; after an unknown commit {@link renewEpoch} must
 * come first.
 */
export async function exchangeMessages(
  database: Queryable,
  batch: BatchKey & { epoch: number },
  { settlements, from, to, limit, now, domains = [], only = false, dueOnly = false }: Exchange,
): Promise<Claim> {
  const { rows } = await database.query<ClaimedRow>({
    ...(settlements.some(isOwnRow) ? exchangeWithAttempts : exchange),
    // Rows with names take the driver half as long again.
    rowMode: 'array',
    values: [
      batch.deliveryKey,
      batch.proof,
      batch.number,
      batch.epoch,
      from,
      to,
      new Date(now),
      limit,
      // One text for all of them: the driver takes five times as long for as many arrays.
      JSON.stringify(settlements),
      domains,
      only,
      dueOnly,
    ],
  });
  const [lastSeq] = rows.sort(([a], [b]) => a - b).at(-1) ?? [];
  return { messages: rows.flatMap((row) => messageOf(row) ?? []), taken: rows.length, lastSeq };
}

/** As {@link exchangeStatement} returns it. */
type ClaimedRow = [
  seq: number,
  status: 'sending' | 'ignored',
  attempts: number,
  /** Milliseconds since the epoch: to read a date from its text takes the driver as long as half of a row. */
  firstClaimedAt: number,
  leaf: Buffer | null,
  address: string,
  profileAddress: string | null,
  fields: Profile['fields'],
];

/** @returns undefined for one that was left out */
function messageOf(row: ClaimedRow): ClaimedMessage | undefined {
  const [seq, status, attempts, firstClaimedAt, leaf, address, profileAddress, fields] = row;
  if (status === 'ignored') return undefined;
  return { seq, address, fields, profileAddress, leaf, attempts, firstClaimedAt: new Date(firstClaimedAt) };
}

/** Addresses have one @ that is not in the local part, and domains stand in the ledger as lower-case A-labels. */
const domainOfAddress = `split_part(m.address, '@', -1)`;

/** Whether an attempt may be a row of its own, as {@link returningAttempts} decides: the rest stands in its message's. */
const isOwnRow = ({ status, outcome, attempt }: Settlement): boolean =>
  status !== 'pending' && (outcome !== undefined || attempt > 1);

const returningAttempts = `
  returning m.seq, m.attempts, m.settled_at, m.status, coalesce(r.outcome, 'sent') as outcome, m.reason, m.reply
), attempted as (
  insert into attempt (delivery, proof, seq, number, at, outcome, reason, reply)
  select $1, $2, seq, attempts, settled_at, outcome, reason, reply from settled
  where status <> 'pending' and (outcome <> 'sent' or attempts > 1)`;

/**
 * Looks up by primary keys alone. That the picked numbers are named twice at the end lets Postgres find their rows by one
 * pass over the index, and not by one for each.
 *
 * @param attempts - writes rows of their own for attempts, which costs the statement some hundredths even where there is none
 */
const exchangeStatement = (attempts: boolean): string => `
with settled as (
  update message m set
    status = r.status::message_status, reason = r.reason, reply = r.reply,
    settled_at = to_timestamp(r."settledAt" / 1000), next_attempt_at = to_timestamp(r."nextAttemptAt" / 1000),
    attempts = m.attempts - case when r.status = 'pending' then 1 else 0 end,
    possible_duplicate = m.possible_duplicate or coalesce(r."possibleDuplicate", false)
  from json_to_recordset($9::json)
    as r(seq int, status text, outcome text, reason text, reply text, "settledAt" float8, "nextAttemptAt" float8, "possibleDuplicate" boolean)
  where m.delivery = $1 and m.proof = $2 and m.epoch = $4 and m.seq = r.seq and m.status = 'sending'
  ${attempts ? returningAttempts : ''}
), permitted as (
  select d.denied_since, d.quarantined_since, (select sender from revision where key = d.analysed_revision) as sender
  from delivery d join batch b on b.delivery = d.key
  where d.key = $1 and b.proof = $2 and b.number = $3 and b.epoch = $4
    and ($2 > 0 or (d.approved_seal is not null
      -- Copies of what had left before a stop leave too, but nothing once the seal was found broken.
      and (d.control = 'run' or ($2 < 0 and d.control = 'stop' and d.broken_seq is null))))
  for share of d, b
), picked as (
  select m.seq, ${leftOutReason('permitted')} as left_out
  from message m
  where exists (select from permitted) and m.delivery = $1 and m.proof = $2 and m.seq between $5 and $6
    and case m.status
      when 'pending' then not $12::boolean or m.next_attempt_at is null or m.next_attempt_at <= $7
      when 'retrying' then m.next_attempt_at <= $7
    end
    and (cardinality($10::text[]) = 0 or (${domainOfAddress} = any ($10)) = $11::boolean)
  order by m.seq limit $8 for update of m
)
update message m set
  status = case when k.left_out is null then 'sending' else 'ignored' end::message_status,
  reason = k.left_out,
  epoch = $4,
  attempts = m.attempts + case when k.left_out is null then 1 else 0 end,
  first_claimed_at = coalesce(m.first_claimed_at, $7::timestamptz),
  next_attempt_at = null
from picked k, profile p
where m.delivery = $1 and m.proof = $2 and m.seq = any (array(select seq from picked)) and m.seq = k.seq
  and p.revision = m.revision and p."row" = m.profile_row
returning m.seq, m.status, m.attempts, (extract(epoch from m.first_claimed_at) * 1000)::float8, m.leaf, m.address,
  case when $2 > 0 then p.address end, p.fields`;

const exchange = { name: 'exchange-messages', text: exchangeStatement(false) };
const exchangeWithAttempts = { name: 'exchange-messages-and-attempts', text: exchangeStatement(true) };

/** Messages that may not leave now: of some domains, or all that are due; and how they are spread. */
export interface PutOff {
  domains?: readonly string[];
  /** Milliseconds since the epoch, both: what is due now is put off to then. */
  now: number;
  until: number;
  /** Whose permits there are none of; messages beyond what one period has room for wait for a later one. */
  permits?: { bucket: string; period: number; periodMs: number; perPeriod: number };
}

/**
 * Gives messages of a batch that may not leave now the time at which `planRetries` comes back to them. No attempt is
 * counted. What others have put off before stands before them in the row.
 *
 * @returns the time of the first of them, in milliseconds since the epoch; undefined where there is none
 */
export async function putOff(
  database: Queryable,
  batch: BatchKey & { epoch: number },
  range: { from: number; to: number },
  { domains, now, until, permits }: PutOff,
): Promise<number | undefined> {
  const { rows } = await database.query<{ first: number | null }>(
    `with waiting as (
       select m.seq, row_number() over (order by m.seq) - 1 as nth from message m
       join batch b on b.delivery = $1 and b.proof = $2 and b.number = $3 and b.epoch = $4
       where m.delivery = $1 and m.proof = $2 and m.seq between $5 and $6 and m.status in ('pending', 'retrying')
         and (m.next_attempt_at is null or m.next_attempt_at <= $7)
         and ($8::text[] is null or ${domainOfAddress} = any ($8))
     ), planned as (
       insert into sending_permit (bucket, starts_at, planned)
       select $9, to_timestamp($10::float8 / 1000), count(*) from waiting where $9::text is not null having count(*) > 0
       on conflict (bucket, starts_at) do update set planned = sending_permit.planned + excluded.planned
       returning planned - (select count(*) from waiting) as before
     ), put_off as (
       update message m set next_attempt_at = to_timestamp(($11::float8
         + coalesce(floor(((select before from planned) + w.nth) / $12::float8) * $13::float8, 0)) / 1000)
       from waiting w
       where m.delivery = $1 and m.proof = $2 and m.seq = w.seq and m.status in ('pending', 'retrying')
       returning m.next_attempt_at
     )
     select extract(epoch from min(next_attempt_at))::float8 * 1000 as first from put_off`,
    [
      batch.deliveryKey,
      batch.proof,
      batch.number,
      batch.epoch,
      range.from,
      range.to,
      new Date(now),
      domains ?? null,
      permits?.bucket ?? null,
      permits?.period ?? null,
      until,
      permits?.perPeriod ?? null,
      permits?.periodMs ?? null,
    ],
  );
  return rows[0]?.first ?? undefined;
}

/** Nobody can tell whether another attempt has taken the batch over. */
export class BatchLostError extends Error {
  override readonly name = 'BatchLostError';
}

/**
 * Goes on after the connection was lost in a statement. The server may have carried it out, or may still do so when we
 * have gone on: under a new epoch it can do nothing any more. What it had claimed goes back, for nobody has begun it.
 *
 * @param batch - its epoch is replaced, and kept up to date
 * @param known - sequence numbers that the attempt knows it holds; it keeps them
 * @returns whether anything was put back
 * @throws BatchLostError when the epoch is no longer ours, or was renewed by a statement that we did not hear of
 */
export async function renewEpoch(
  database: Queryable,
  batch: BatchKey & { epoch: number },
  range: { from: number; to: number },
  known: readonly number[],
): Promise<boolean> {
  const { rows } = await database.query<{ epoch: number }>(
    `update batch set epoch = epoch + 1 where delivery = $1 and proof = $2 and number = $3 and epoch = $4
     returning epoch`,
    [batch.deliveryKey, batch.proof, batch.number, batch.epoch],
  );
  if (!rows[0]) throw new BatchLostError('the connection was lost, and another attempt may have this batch');
  batch.epoch = rows[0].epoch;
  // As in a fence, a statement of its own: killed in between, the next fence puts all of them in doubt.
  const { rows: kept } = await database.query<{ known: boolean }>(
    `update message set
       epoch = $5,
       status = case when seq = any ($6::int[]) then status else 'pending' end,
       attempts = attempts - case when seq = any ($6::int[]) then 0 else 1 end
     where delivery = $1 and proof = $2 and seq between $3 and $4 and status = 'sending' and epoch < $5
     returning seq = any ($6::int[]) as known`,
    [batch.deliveryKey, batch.proof, range.from, range.to, batch.epoch, known],
  );
  return kept.some((row) => !row.known);
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
  // Proofs obey no control row, and copies of what has left are held by a pause alone.
  const heldBy: readonly Control[] = batch.proof > 0 ? [] : batch.proof < 0 ? ['pause'] : ['pause', 'stop'];
  return row.control !== 'run' && heldBy.includes(row.control) ? row.control : 'done';
}
