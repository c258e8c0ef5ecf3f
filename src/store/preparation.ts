import type { Profile } from '../delivery/definition.js';
import type { Schedule } from '../delivery/waves.js';
import { inTransaction, type Database, type Queryable, type Transaction } from './database.js';

export interface UnpreparedMessage {
  seq: number;
  /** Of its profile; below 0 for a seed. */
  row: number;
  address: string;
  fields: Profile['fields'];
  /** What an earlier analysis of the revision made of it. */
  leaf: Buffer | null;
}

/**
 * Messages of a range that await their rendering in the analysis. Of those that keep the leaf of an earlier analysis the
 * first comes too, by which to tell whether it would come out the same.
 */
export async function readPending(
  database: Queryable,
  revision: { key: number; deliveryKey: number },
  range: { from: number; to: number },
): Promise<UnpreparedMessage[]> {
  const { rows } = await database.query<UnpreparedMessage>(
    `select m.seq, m.profile_row as "row", m.address, p.fields, m.leaf
     from message m join profile p on p.revision = m.revision and p."row" = m.profile_row
     where m.delivery = $1 and m.proof = 0 and m.revision = $2 and m.seq between $3 and $4 and m.status = 'pending'
       and (m.leaf is null or m.seq = (
         select min(k.seq) from message k where k.delivery = $1 and k.proof = 0 and k.revision = $2
           and k.seq between $3 and $4 and k.status = 'pending' and k.leaf is not null
       ))
     order by m.seq`,
    [revision.deliveryKey, revision.key, range.from, range.to],
  );
  return rows;
}

/** Drops the leaves that an earlier analysis made in a range: they would come out otherwise now. */
export async function forgetLeaves(
  database: Queryable,
  revision: { key: number; deliveryKey: number },
  range: { from: number; to: number },
): Promise<void> {
  await database.query(
    `update message set leaf = null where delivery = $1 and proof = 0 and revision = $2 and seq between $3 and $4
       and status = 'pending'
       and exists (select from delivery where key = $1 and analysed_revision = $2 and approved_seal is null)`,
    [revision.deliveryKey, revision.key, range.from, range.to],
  );
}

export interface Prepared {
  leaves: { seq: number; leaf: Buffer }[];
  /** Messages whose personalisation failed; the fault names fields, never values. */
  failures: { seq: number; fault: string }[];
}

/**
 * Writes the leaves of a range, and excludes those that could not be personalised. Does nothing where another revision
 * has taken the ledger over meanwhile: a worker that wakes up late must not touch its messages.
 */
export async function storePrepared(
  database: Database,
  revision: { key: number; deliveryKey: number },
  prepared: Prepared,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      'select 1 from delivery where key = $1 and analysed_revision = $2 and approved_seal is null for share',
      [revision.deliveryKey, revision.key],
    );
    if (!rowCount) return;
    await tx.query(
      `update message m set leaf = n.leaf from unnest($2::int[], $3::bytea[]) as n(seq, leaf)
       where m.delivery = $1 and m.proof = 0 and m.seq = n.seq`,
      [revision.deliveryKey, prepared.leaves.map(({ seq }) => seq), prepared.leaves.map(({ leaf }) => leaf)],
    );
    await tx.query(
      `update message m set status = 'ignored', reason = 'personalisation-failed', reply = n.fault, leaf = null
       from unnest($2::int[], $3::text[]) as n(seq, fault)
       where m.delivery = $1 and m.proof = 0 and m.seq = n.seq`,
      [revision.deliveryKey, prepared.failures.map(({ seq }) => seq), prepared.failures.map(({ fault }) => fault)],
    );
  });
}

/**
 * How far the analysis of a delivery's latest revision is: how many messages are made or left out, of how many. While its
 * target is still computed none is.
 */
export async function countPrepared(
  database: Queryable,
  deliveryId: string,
): Promise<{ prepared: number; total: number }> {
  const { rows } = await database.query<{ prepared: number; total: number }>(
    `select count(m.seq) filter (where m.leaf is not null or m.status = 'ignored')::int as prepared,
       coalesce(nullif(count(m.seq), 0), max(r.profiles))::int as total
     from (
       select r.key, r.delivery, r.profiles, r.seal is null and d.analysed_revision = r.key as computed
       from revision r join delivery d on d.key = r.delivery where d.id = $1 order by r.key desc limit 1
     ) r left join message m on r.computed and m.delivery = r.delivery and m.proof = 0`,
    [deliveryId],
  );
  return rows[0] ?? { prepared: 0, total: 0 };
}

/** The leaves of the main target in order of sequence, page by page. */
export async function* leafPages(database: Queryable, deliveryKey: number): AsyncGenerator<Buffer[]> {
  let after = -1;
  for (;;) {
    const { rows } = await database.query<{ seq: number; leaf: Buffer }>(
      `select seq, leaf from message
       where delivery = $1 and proof = 0 and leaf is not null and seq > $2 order by seq limit 10000`,
      [deliveryKey, after],
    );
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
    yield rows.map(({ leaf }) => leaf);
  }
}

/** @returns the place of a message's leaf, from 0 */
export async function countLeavesBefore(database: Queryable, deliveryKey: number, seq: number): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'select count(leaf)::int as count from message where delivery = $1 and proof = 0 and seq < $2',
    [deliveryKey, seq],
  );
  return rows[0]?.count ?? 0;
}

export async function storeSeal(
  database: Queryable,
  revision: { key: number },
  sealed: { seal: string; count: number; icu: string | undefined; schedule: Schedule | undefined },
): Promise<void> {
  const { seal, count, icu, schedule } = sealed;
  await database.query(
    'update revision set seal = $2, sealed_count = $3, sealed_icu = $4, schedule = $5 where key = $1',
    [revision.key, seal, count, icu ?? null, schedule ? JSON.stringify(schedule) : null],
  );
}

/** Takes back what a seal has brought about: the seal, its schedule, and what a dry run of it has found. */
export async function forgetSeal(
  tx: Transaction,
  { key, deliveryKey }: { key: number; deliveryKey: number },
): Promise<void> {
  await tx.query('delete from dry_run where delivery = $1', [deliveryKey]);
  await tx.query(
    'update revision set seal = null, sealed_count = null, schedule = null, zone_starts = null where key = $1',
    [key],
  );
}

/** @returns the ICU that the revision was sealed with; undefined where that is not known */
export async function readSealedIcu(database: Queryable, revision: { key: number }): Promise<string | undefined> {
  const { rows } = await database.query<{ sealed_icu: string | null }>(
    'select sealed_icu from revision where key = $1',
    [revision.key],
  );
  return rows[0]?.sealed_icu ?? undefined;
}

/**
 * Records which seal was approved; nothing of the main target can be claimed before.
 *
 * @returns false when the ledger's analysis is of another revision or has another seal
 */
export async function approveSeal(
  database: Queryable,
  revision: { key: number; deliveryKey: number },
  seal: string,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update delivery d set approved_seal = $3 from revision r
     where d.key = $1 and r.key = $2 and d.analysed_revision = r.key and r.seal = $3`,
    [revision.deliveryKey, revision.key, seal],
  );
  return rowCount === 1;
}

/** Takes an approval back; nothing of the main target can be claimed any more. Not once a batch of it has begun. */
export async function withdrawApproval(database: Queryable, deliveryId: string): Promise<void> {
  await database.query(
    `update delivery d set approved_seal = null
     where d.id = $1 and not exists (select from batch where delivery = d.key and proof = 0)`,
    [deliveryId],
  );
}
