import type { Rate } from '../delivery/rate.js';
import { grantConnections, type SlotHolder } from '../smtp/rules/connection-slots.js';
import { fullPace, nextPace, type Observed, type Pace } from '../smtp/rules/pace.js';
import {
  leasePermits,
  nextPermitAt,
  periodStart,
  permitsIn,
  plannedBefore,
  type PeriodCount,
} from '../smtp/rules/permits.js';
import { inTransaction, type Database, type Transaction } from './database.js';

/** A lease of connections ends by itself so many milliseconds after its process was last heard of. */
export const slotLeaseMs = 15_000;

/** What a worker tells a bucket and wants of it. */
export interface BucketExchange {
  bucket: string;
  /** The rule, to be shown to operators. */
  rule?: object;
  observed?: Observed;
  permits?: {
    rate: Rate;
    periodMs: number;
    /** Fewer than none gives as many back, which count where they are of the current period. */
    wanted: number;
    /** When the period began that the worker has permits of, as it was told. */
    ofPeriod?: number | undefined;
  };
  connections?: {
    /** Of all holders together; without it each has what it wants. */
    limit: number | undefined;
    holder: string;
    /** 0 gives the lease up as soon as nothing is open. */
    wanted: number;
    /** Open, or being opened or closed. */
    open: number;
  };
}

/** Times are milliseconds from the moment at which the database was asked: its clock alone says when periods begin. */
export interface BucketAnswer {
  share: number;
  /** In a row, of all workers. */
  failures: number;
  /** Nothing may leave for so long. */
  heldFor: number;
  permits?: {
    granted: number;
    period: number;
    endsIn: number;
    /** When there are more again, where all are leased. */
    outFor?: number;
    /** The first of the next periods, and how many messages one of them has room for. */
    nextIn: number;
    perPeriod: number;
  };
  connections?: number;
}

/**
 * Leases permits and connections, and tells how the destination has taken mail: one short transaction under the lock of the
 * bucket's row. A kill before its commit leaves nothing; after it, permits are lost with their period and connections
 * with their lease.
 */
export async function exchangeBucket(database: Database, exchange: BucketExchange): Promise<BucketAnswer> {
  return await inTransaction(database, async (tx) => {
    const { now, pace: before, periods, holders } = await lockBucket(tx, exchange);
    const { observed, permits, connections } = exchange;
    const pace = observed ? nextPace(before, observed, now) : before;
    const leased = permits && leaseOf(permits, { now, pace, periods });
    const slot = connections && slotOf(connections, { now, pace, holders });
    await write(tx, exchange.bucket, { ...(pace !== before && { pace }), permits: leased, slot });
    return {
      share: pace.share,
      failures: pace.failures,
      heldFor: Math.max(0, (pace.heldUntil ?? 0) - now),
      ...(leased && { permits: leased.answer }),
      ...(slot && { connections: slot.granted }),
    };
  });
}

interface BucketState {
  now: number;
  pace: Pace;
  /** The latest two. */
  periods: PeriodCount[];
  holders: SlotHolder[];
}

async function lockBucket(tx: Transaction, { bucket, rule }: BucketExchange): Promise<BucketState> {
  await tx.query(
    `insert into sending_bucket (bucket, rule, used_at) values ($1, $2, now())
     on conflict (bucket) do update set rule = excluded.rule, used_at = now()`,
    [bucket, rule ? JSON.stringify(rule) : null],
  );
  // A statement of its own: that one may have waited for the lock, and saw what was there before.
  const { rows } = await tx.query<Omit<BucketState, 'pace'> & { pace: Pace | null }>(
    `select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now, b.pace,
       array(select json_build_object('startsAt', floor(extract(epoch from starts_at) * 1000)::float8, 'taken', taken, 'planned', planned)
         from sending_permit where bucket = b.bucket order by starts_at desc limit 2) as periods,
       array(select json_build_object('holder', holder, 'connections', connections, 'wanted', wanted,
           'since', floor(extract(epoch from since) * 1000)::float8)
         from connection_slot where bucket = b.bucket and expires_at > clock_timestamp()) as holders
     from sending_bucket b where b.bucket = $1`,
    [bucket],
  );
  const [row] = rows;
  if (!row) throw new Error(`the bucket "${bucket}" is gone`);
  return { ...row, pace: row.pace ?? fullPace };
}

interface PermitLeased {
  answer: NonNullable<BucketAnswer['permits']>;
  /** What is added to the period's row, or begins it; absent where that stays as it is. */
  row?: PeriodCount;
}

function leaseOf(
  { rate, periodMs, wanted, ofPeriod }: NonNullable<BucketExchange['permits']>,
  { now, pace, periods }: Pick<BucketState, 'now' | 'pace' | 'periods'>,
): PermitLeased {
  const startsAt = periodStart(now, periodMs);
  const limit = permitsIn(rate, startsAt, periodMs, pace.share);
  const perPeriod = (rate.messages * periodMs * pace.share) / rate.perMs;
  const current = periods.find((one) => one.startsAt === startsAt);
  const taken = current?.taken ?? 0;
  const before = periods.find((one) => one.startsAt < startsAt);
  const asked = wanted < 0 && ofPeriod !== startsAt ? 0 : wanted;
  const granted = leasePermits({ taken }, limit, asked);
  const next = nextPermitAt(rate, startsAt, periodMs) - now;
  const answer = {
    granted,
    period: startsAt,
    endsIn: startsAt + periodMs - now,
    ...(taken + granted >= limit && { outFor: next }),
    nextIn: next,
    perPeriod,
  };
  const planned = plannedBefore(before, startsAt, periodMs, perPeriod);
  return { answer, ...((!current || granted !== 0) && { row: { startsAt, taken: granted, planned } }) };
}

interface SlotLeased {
  granted: number;
  /** Null where nothing is wanted and nothing open. */
  row: SlotHolder | null;
}

function slotOf(
  { limit, holder, wanted, open }: NonNullable<BucketExchange['connections']>,
  { now, pace, holders }: Pick<BucketState, 'now' | 'pace' | 'holders'>,
): SlotLeased & { holder: string } {
  const own = holders.find((one) => one.holder === holder);
  const others = holders.filter((one) => one !== own);
  const all = limit === undefined ? Infinity : Math.max(1, Math.round(limit * pace.share));
  const most = limit === undefined ? Math.ceil(wanted * pace.share) : wanted;
  const had = own?.connections ?? 0;
  const granted = grantConnections(all, others, { holder, since: now, connections: 0, ...own, wanted: most }, now);
  const connections = Math.max(granted, Math.min(open, had));
  const changed = had > 0 !== connections > 0;
  const since = changed || !own ? now : own.since;
  return { holder, granted, row: connections + wanted > 0 ? { holder, connections, wanted, since } : null };
}

/** In one statement, for others wait. */
async function write(
  tx: Transaction,
  bucket: string,
  {
    pace,
    permits,
    slot,
  }: { pace?: Pace; permits: PermitLeased | undefined; slot: ReturnType<typeof slotOf> | undefined },
): Promise<void> {
  const { holder, row } = slot ?? {};
  await tx.query(
    `with paced as (
       update sending_bucket set pace = $2 where bucket = $1 and $2::jsonb is not null
     ), forgotten as (
       delete from sending_permit where bucket = $1 and starts_at < to_timestamp($3::float8 / 1000) - interval '1 day'
     ), leased as (
       insert into sending_permit (bucket, starts_at, taken, planned)
       select $1, to_timestamp($3::float8 / 1000), $4::int, $5::int where $3::float8 is not null
       on conflict (bucket, starts_at) do update set taken = sending_permit.taken + excluded.taken
     ), gone as (
       delete from connection_slot where bucket = $1
         and case when holder = $6 then $7::int is null else expires_at <= clock_timestamp() end and $6::text is not null
     )
     insert into connection_slot (bucket, holder, connections, wanted, since, expires_at)
     select $1, $6, $7::int, $8::int, to_timestamp($9::float8 / 1000),
       clock_timestamp() + $10::float8 * interval '1 millisecond' where $7::int is not null
     on conflict (bucket, holder) do update set connections = excluded.connections, wanted = excluded.wanted,
       since = excluded.since, expires_at = excluded.expires_at`,
    [
      bucket,
      pace ? JSON.stringify(pace) : null,
      permits?.row?.startsAt ?? null,
      permits?.row?.taken ?? null,
      permits?.row?.planned ?? null,
      holder ?? null,
      row?.connections ?? null,
      row?.wanted ?? null,
      row?.since ?? null,
      slotLeaseMs,
    ],
  );
}
