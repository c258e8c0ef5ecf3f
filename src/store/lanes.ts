import { z } from 'zod';
import type { Pace } from '../smtp/rules/pace.js';
import { periodStart, permitsIn } from '../smtp/rules/permits.js';
import type { Queryable } from './database.js';

/** How mail leaves now under one MX rule, over all workers. Instants are ISO 8601, by the database's clock. */
export interface LaneDescription {
  rule: string;
  /** As the worker has it that used the rule last; absent where it names none. */
  limits: {
    connections?: number | undefined;
    messagesPerConnection?: number | undefined;
    messagesPerHour?: number | undefined;
  };
  /** Share of the limits that is used, up to 1. */
  pace: number;
  /** Nothing leaves before. */
  heldUntil?: string;
  /** The code of what the destination said last against us: `421 4.7.28`, or `no reply`. */
  lastReply?: string;
  /** Of the period that is under way; absent without a limit of them. */
  permits?: { used: number; of: number; periodEndsAt: string };
  /** Leased by each worker process; one with none waits for some. */
  workers: { worker: string; connections: number }[];
  /** When a worker last asked. */
  usedAt: string;
}

/** What workers store of a rule. */
const storedRule = z.object({
  periodMs: z.number().optional(),
  connections: z.number().optional(),
  messagesPerConnection: z.number().optional(),
  messagesPerHour: z.number().optional(),
});

/** A rule that nobody has used for so long is not told: it may be in no table any more. */
const toldFor = '1 day';

/** Who leases is named by machine, process and lane. */
export const holderName = (machine: string, pid: number, lane: string): string => `${machine}:${pid}:${lane}`;
const workerOf = (holder: string): string => holder.split(':').slice(0, -1).join(':');

interface BucketRow {
  bucket: string;
  rule: unknown;
  pace: Pace | null;
  usedAt: Date;
  /** Milliseconds since the epoch. */
  now: number;
  holders: { holder: string; connections: number }[];
  /** The latest period. */
  period: { startsAt: number; taken: number } | null;
}

/** @returns the rules that were used lately, by name */
export async function listLanes(database: Queryable): Promise<LaneDescription[]> {
  const { rows } = await database.query<BucketRow>(
    `select b.bucket, b.rule, b.pace, b.used_at as "usedAt", floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now,
       array(select json_build_object('holder', holder, 'connections', connections) from connection_slot
         where bucket = b.bucket and expires_at > clock_timestamp() order by holder) as holders,
       (select json_build_object('startsAt', floor(extract(epoch from starts_at) * 1000)::float8, 'taken', taken)
         from sending_permit where bucket = b.bucket order by starts_at desc limit 1) as period
     from sending_bucket b where b.bucket like 'rule:%' and b.used_at > now() - interval '${toldFor}' order by b.bucket`,
  );
  return rows.map(describe);
}

function describe({ bucket, rule, pace, usedAt, now, holders, period }: BucketRow): LaneDescription {
  const { periodMs = 0, ...limits } = storedRule.parse(rule ?? {});
  const { share = 1, heldUntil = 0, reply } = pace ?? {};
  const code = reply === undefined ? undefined : (/^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(reply)?.[0] ?? 'no reply');
  return {
    rule: bucket.slice('rule:'.length),
    limits,
    pace: share,
    ...(heldUntil > now && { heldUntil: new Date(heldUntil).toISOString() }),
    ...(code !== undefined && { lastReply: code.replace('-', ' ') }),
    ...permitsOf(limits.messagesPerHour, periodMs, { now, share, period }),
    workers: holders.map(({ holder, connections }) => ({ worker: workerOf(holder), connections })),
    usedAt: usedAt.toISOString(),
  };
}

function permitsOf(
  messagesPerHour: number | undefined,
  periodMs: number,
  { now, share, period }: { now: number; share: number } & Pick<BucketRow, 'period'>,
): Pick<LaneDescription, 'permits'> {
  if (messagesPerHour === undefined || periodMs === 0) return {};
  const startsAt = periodStart(now, periodMs);
  const of = permitsIn({ messages: messagesPerHour, perMs: 3_600_000 }, startsAt, periodMs, share);
  const used = period?.startsAt === startsAt ? period.taken : 0;
  return { permits: { used, of, periodEndsAt: new Date(startsAt + periodMs).toISOString() } };
}
