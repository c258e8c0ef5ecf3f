import { deliverySettingsSchema, type DeliverySettings } from '../delivery/definition.js';
import type { Phase } from '../delivery/phase.js';
import type { Schedule } from '../delivery/waves.js';
import type { Database, Queryable } from './database.js';
import { withLockedDelivery } from './journal.js';
import type { ProfileOrigin } from './profile-origins.js';

/** One line of the list of deliveries. */
export interface DeliverySummary {
  id: string;
  name: string;
  /** By the journal's last word; `checking` where nothing is journalled yet. */
  phase: Phase;
  /** ISO 8601. */
  createdAt: string;
  /** Hash of the latest revision. */
  revision: string;
  /** Rows of its target. */
  profiles: number;
}

const summary = (phase: string): string => `
  select d.id, r.settings->>'name' as name, d.created_at, r.hash as revision, r.profiles, ${phase} as phase
  from delivery d
  join lateral (select * from revision r where r.delivery = d.key order by r.key desc limit 1) r on true`;

const phaseByJournal = `coalesce((select j.data->>'phase' from journal j where j.delivery = d.key and j.kind = 'phase'
  order by j.n desc limit 1), 'checking')`;

interface SummaryRow extends Omit<DeliverySummary, 'createdAt'> {
  created_at: Date;
}

function toSummary({ created_at, ...row }: SummaryRow): DeliverySummary {
  return { ...row, createdAt: created_at.toISOString() };
}

/** Which deliveries are wanted. */
export interface DeliveryFilter {
  /** At most so many. @default 100 */
  limit?: number;
  phases?: readonly Phase[];
  /** Part of an id or of a name, in any case. */
  search?: string;
  /** Id of a delivery: those that come after it in the list. */
  after?: string;
}

/** Deliveries, the newest first, by what triggers note of journal and revisions beside them. */
export async function listDeliveries(
  database: Queryable,
  { limit = 100, phases, search, after }: DeliveryFilter,
): Promise<DeliverySummary[]> {
  const { rows } = await database.query<SummaryRow>(
    `${summary('d.phase')} where ($2::text[] is null or d.phase = any ($2))
       and ($3::text is null or d.id ilike $3 or d.name ilike $3)
       and ($4::text is null or d.key < (select key from delivery where id = $4))
     order by d.key desc limit $1`,
    [limit, phases ?? null, search === undefined ? null : `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`, after ?? null],
  );
  return rows.map(toSummary);
}

/** How many deliveries stand in each phase. */
export async function countPhases(database: Queryable): Promise<Partial<Record<Phase, number>>> {
  const { rows } = await database.query<{ phase: Phase; count: number }>(
    'select phase, count(*)::int as count from delivery group by phase',
  );
  return Object.fromEntries(rows.map(({ phase, count }) => [phase, count]));
}

export async function findDelivery(database: Queryable, id: string): Promise<DeliverySummary | undefined> {
  const { rows } = await database.query<SummaryRow>(`${summary(phaseByJournal)} where d.id = $1`, [id]);
  return rows[0] && toSummary(rows[0]);
}

/** One revision as `show` tells it. */
export interface RevisionSummary {
  key: number;
  hash: string;
  author: string;
  /** ISO 8601. */
  createdAt: string;
  settings: DeliverySettings;
  /** What its random draws go by where the settings name no seed. */
  drawSeed?: string;
  profiles: number;
  /** Its sources, where there are several. */
  origins?: ProfileOrigin[];
  /** What was asked of databases for its profiles. */
  queries: { database: string; query: string }[];
  /** Attachments and inline images; `bytes` before they are encoded. */
  files: { name: string; bytes: number }[];
  seal?: string;
  /** Messages under the seal. */
  sealedCount?: number;
  /** When they leave, by the seal. */
  schedule?: Schedule;
}

/** Revisions of a delivery, the latest first. */
export async function listRevisions(database: Queryable, id: string): Promise<RevisionSummary[]> {
  const { rows } = await database.query(
    `select r.key, r.hash, r.author, r.created_at, r.settings, r.draw_seed, r.profiles, r.origins, r.queries, r.seal, r.sealed_count, r.schedule,
       (select coalesce(json_agg(json_build_object('name', f.name, 'bytes', octet_length(f.content)) order by f.n), '[]')
        from attached_file f where f.revision = r.key) as files
     from revision r join delivery d on d.key = r.delivery where d.id = $1 order by r.key desc`,
    [id],
  );
  return rows.map((row) => ({
    key: Number(row.key),
    hash: row.hash,
    author: row.author,
    createdAt: row.created_at.toISOString(),
    settings: deliverySettingsSchema.parse(row.settings),
    ...(row.draw_seed === null ? {} : { drawSeed: row.draw_seed }),
    profiles: row.profiles,
    ...(row.origins === null ? {} : { origins: row.origins }),
    queries: row.queries ?? [],
    files: row.files,
    ...(row.seal === null ? {} : { seal: row.seal, sealedCount: row.sealed_count }),
    ...(row.schedule === null ? {} : { schedule: row.schedule }),
  }));
}

/** SQL: what the journal names stays; a `revise` may have submitted the same revision meanwhile. */
const isUnnamed = `not exists (select from journal j where j.delivery = r.delivery and j.data->>'revision' = r.hash)`;

/** Takes back a revision that no workflow was started with, and the delivery where it was the only one. */
export async function removeUnstarted(database: Database, id: string, hash: string): Promise<void> {
  await withLockedDelivery(database, id, async (tx, key) => {
    await tx.query(`delete from revision r where r.delivery = $1 and r.hash = $2 and ${isUnnamed}`, [key, hash]);
    await tx.query(
      'delete from delivery d where d.key = $1 and not exists (select from revision where delivery = $1)',
      [key],
    );
  });
}

/**
 * Takes away what killed starts have left of a delivery whose workflow was started with another revision.
 *
 * @param before - key of a revision: what was stored after it may be of a `revise`
 */
export async function removeLeftovers(database: Database, id: string, hash: string, before: number): Promise<void> {
  await withLockedDelivery(database, id, async (tx, key) => {
    await tx.query(`delete from revision r where r.delivery = $1 and r.hash <> $2 and r.key < $3 and ${isUnnamed}`, [
      key,
      hash,
      before,
    ]);
  });
}
