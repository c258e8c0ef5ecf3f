import type { Profile } from '../delivery/definition.js';
import type { DryRunCounts, DryRunOutcome } from '../delivery/dry-run.js';
import type { Reason } from '../delivery/message-status.js';
import type { Queryable } from './database.js';
import { leftOutReason } from './left-out.js';
import type { LedgerRow } from './messages.js';
import { rowOrSeed } from './seeds.js';

/** One dry run of one seal. */
export interface DryRunKey {
  deliveryKey: number;
  number: number;
  seal: string;
}

/** A recipient whom the dry run has not asked about yet. */
export interface UntriedRecipient {
  seq: number;
  address: string;
  fields: Profile['fields'];
  /** Why the claim would leave the recipient out. */
  leftOut: Reason | null;
}

export interface TriedRecipient {
  seq: number;
  outcome: DryRunOutcome;
  reason?: Reason;
  reply?: string;
}

/** A recipient with what the relay said, or why it was not asked. */
export type DryRunRow = Pick<LedgerRow, 'seq' | 'row' | 'seed' | 'address' | 'reason' | 'reply'> & {
  outcome: DryRunOutcome;
  /** ISO 8601. */
  at: string;
};

/** Takes the results of earlier ones away. Safe to repeat: what this one has found already stays. */
export async function beginDryRun(database: Queryable, { deliveryKey, number }: DryRunKey): Promise<void> {
  await database.query('update delivery set dry_run = $2 where key = $1 and dry_run < $2', [deliveryKey, number]);
  await database.query('delete from dry_run where delivery = $1 and number < $2', [deliveryKey, number]);
}

/** SQL: it is still the last one, and of the seal that stands; a new analysis waits for what is being written. */
const holds = `select d.key, d.denied_since, d.quarantined_since, r.sender
  from delivery d join revision r on r.key = d.analysed_revision
  where d.key = $1 and d.dry_run = $2 and r.seal = $3 for share of d`;

/** The next recipients in order of sequence: those that a claim would take if sending began now, or leave out. */
export async function untriedRecipients(
  database: Queryable,
  { deliveryKey, number, seal }: DryRunKey,
  { from, limit }: { from: number; limit: number },
): Promise<UntriedRecipient[]> {
  const { rows } = await database.query<UntriedRecipient>(
    `with held as (${holds})
     select m.seq, m.address, p.fields, ${leftOutReason('held')} as "leftOut"
     from message m
     join profile p on p.revision = m.revision and p."row" = m.profile_row
     -- The next few along the primary key. Joined with what is held, or with what was tried, all that is left might be read
     -- and sorted for each group.
     where exists (select from held) and m.delivery = $1 and m.proof = 0 and m.seq >= $4
       and m.status = 'pending' and m.leaf is not null
       and (select true from dry_run t where t.delivery = $1 and t.seq = m.seq) is null
     order by m.seq limit $5`,
    [deliveryKey, number, seal, from, limit],
  );
  return rows;
}

/** Writes down what was said; nothing where the dry run was overtaken. What stands there already stays. */
export async function recordTried(
  database: Queryable,
  { deliveryKey, number, seal }: DryRunKey,
  tried: readonly TriedRecipient[],
): Promise<void> {
  await database.query(
    `with held as (${holds})
     insert into dry_run (delivery, seq, number, at, outcome, reason, reply)
     select h.key, t.seq, $2, now(), t.outcome, t.reason, t.reply
     from held h, json_to_recordset($4::json) as t(seq int, outcome text, reason text, reply text)
     on conflict do nothing`,
    [deliveryKey, number, seal, JSON.stringify(tried)],
  );
}

/** What the last dry run has found so far, by outcome and reason, the most frequent first. */
export async function countDryRun(
  database: Queryable,
  deliveryId: string,
): Promise<{ outcome: DryRunOutcome; reason: Reason | null; count: number }[]> {
  const { rows } = await database.query(
    `select t.outcome, t.reason, count(*)::int as count from dry_run t join delivery d on d.key = t.delivery
     where d.id = $1 group by t.outcome, t.reason order by count desc, t.outcome, t.reason`,
    [deliveryId],
  );
  return rows;
}

/** The same by outcome alone. */
export async function dryRunCounts(database: Queryable, deliveryId: string): Promise<DryRunCounts> {
  const counts: DryRunCounts = {};
  for (const { outcome, count } of await countDryRun(database, deliveryId))
    counts[outcome] = (counts[outcome] ?? 0) + count;
  return counts;
}

/** Every recipient of the last dry run, in order of sequence; memory does not grow with the delivery. */
export async function* dryRunRows(
  database: Queryable,
  deliveryId: string,
  { address, after = 0, limit = Infinity }: { address?: string; after?: number; limit?: number } = {},
): AsyncGenerator<DryRunRow> {
  const pageRows = 2_000;
  let last = after;
  for (let left = limit; left > 0; left -= pageRows) {
    const { rows } = await database.query<Omit<DryRunRow, 'at'> & { at: Date }>(
      `select m.seq, ${rowOrSeed}, m.address, t.outcome, t.at, t.reason, t.reply
       from dry_run t join message m on m.delivery = t.delivery and m.proof = 0 and m.seq = t.seq
       where t.delivery = (select key from delivery where id = $1) and t.seq > $2
         and ($3::text is null or m.address = $3)
       order by t.seq limit $4`,
      [deliveryId, last, address ?? null, Math.min(pageRows, left)],
    );
    for (const { at, ...row } of rows) yield { ...row, at: at.toISOString() };
    const end = rows.at(-1);
    if (!end || rows.length < pageRows) return;
    last = end.seq;
  }
}
