import { targetDigest } from '../audit/revision-hash.js';
import type { AttachedFile, Profile } from '../delivery/definition.js';
import type { FindingLevel } from '../delivery/finding.js';
import type { MessageStatus } from '../delivery/message-status.js';
import { readAttempts, type Attempt } from './attempts.js';
import type { Schedule } from '../delivery/waves.js';
import type { Queryable } from './database.js';
import { readFiles } from './attached-files.js';
import { storedProfiles } from './revisions.js';
import { rowOrSeed } from './seeds.js';

/** A delivery's own row. */
export interface AuditDelivery {
  id: string;
  key: number;
  createdAt: Date;
  control: string;
  approvedSeal: string | null;
  /** Hash of the revision that the messages belong to. */
  analysedRevision: string | null;
  brokenSeq: number | null;
  /** Key of its HMACs: for nobody's eyes. */
  secret: Buffer;
}

export async function auditDelivery(database: Queryable, id: string): Promise<AuditDelivery | undefined> {
  const { rows } = await database.query<AuditDelivery>(
    `select d.id, d.key, d.created_at as "createdAt", d.control, d.approved_seal as "approvedSeal",
       r.hash as "analysedRevision", d.broken_seq as "brokenSeq", d.secret
     from delivery d left join revision r on r.key = d.analysed_revision where d.id = $1`,
    [id],
  );
  return rows[0];
}

/** A revision with what its name is made from, as it was stored. */
export interface AuditRevision {
  key: number;
  hash: string;
  author: string;
  createdAt: Date;
  settings: Record<string, unknown>;
  sources: Record<string, string>;
  /** Its templates, as MJML compiled them. */
  content: { html?: string; text: string };
  files: AttachedFile[];
  excludedAddresses: number;
  excludedHash: string | null;
  queries: { database: string; query: string }[];
  profiles: number;
  drawSeed: string | null;
  seal: string | null;
  sealedCount: number | null;
  sealedIcu: string | null;
  schedule: Schedule | null;
}

/** Revisions of a delivery, the first one first, one at a time. */
export async function* auditRevisions(database: Queryable, deliveryKey: number): AsyncGenerator<AuditRevision> {
  const { rows: keys } = await database.query<{ key: string }>(
    'select key from revision where delivery = $1 order by key',
    [deliveryKey],
  );
  for (const { key } of keys) {
    const { rows } = await database.query<AuditRevision>(
      `select hash, author, created_at as "createdAt", settings, content->'sources' as sources,
         content - 'sources' as content, coalesce(queries, '[]') as queries, profiles, draw_seed as "drawSeed", seal,
         sealed_count as "sealedCount", sealed_icu as "sealedIcu", excluded_hash as "excludedHash", schedule,
         (select count(*)::int from excluded_address where revision = r.key) as "excludedAddresses"
       from revision r where key = $1`,
      [key],
    );
    for (const row of rows) yield { ...row, key: Number(key), files: await readFiles(database, Number(key)) };
  }
}

const pageRows = 2_000;

/** @returns SHA-256 over the profiles that a revision was stored with, as its name holds it */
export async function storedTargetHash(database: Queryable, revisionKey: number): Promise<string> {
  const digest = targetDigest();
  for await (const { row, address, fields } of storedProfiles(database, revisionKey)) digest.add(row, address, fields);
  return digest.hash();
}

export async function findingCounts(
  database: Queryable,
  deliveryKey: number,
): Promise<{ revision: string; rule: string; level: FindingLevel; count: number }[]> {
  const { rows } = await database.query(
    `select r.hash as revision, f.rule, f.level, count(*)::int as count
     from finding f join revision r on r.key = f.revision where r.delivery = $1
     group by r.key, r.hash, f.rule, f.level order by r.key, f.rule, f.level`,
    [deliveryKey],
  );
  return rows;
}

/** A row of the ledger with all that an auditor needs of it. */
export interface AuditMessage {
  proof: number;
  seq: number;
  revision: number;
  row: number | null;
  seed: number | null;
  address: string;
  status: MessageStatus;
  reason: string | null;
  leaf: Buffer | null;
  attempts: number;
  firstClaimedAt: Date | null;
  settledAt: Date | null;
  nextAttemptAt: Date | null;
  possibleDuplicate: boolean;
  reply: string | null;
  /** None of a message that was sent at the first attempt. */
  tried: Attempt[];
  /** Of the profile, where they were asked for. */
  fields: Profile['fields'] | null;
}

export interface AuditMessageFilter {
  deliveryKey: number;
  /** Numbers of proofs: 0 is the main target, -1 the copies. */
  proofs: { from: number; to: number };
  withFields: boolean;
  /** One message alone. */
  seq?: number;
}

/** In order of proof and sequence, read page by page. */
export async function* auditMessages(database: Queryable, filter: AuditMessageFilter): AsyncGenerator<AuditMessage> {
  let after = { proof: filter.proofs.from, seq: -1 };
  for (;;) {
    const { rows } = await database.query<Omit<AuditMessage, 'revision' | 'tried'> & { revision: string }>(
      // As in `ledgerRows`, the messages first.
      `select m.proof, m.seq, m.revision, ${rowOrSeed}, coalesce(nullif(m.address, ''), p.address) as address,
         m.status, m.reason, m.leaf, m.attempts, m.first_claimed_at as "firstClaimedAt", m.settled_at as "settledAt",
         m.next_attempt_at as "nextAttemptAt", m.possible_duplicate as "possibleDuplicate", m.reply,
         case when $5 then p.fields end as fields
       from (select m.* from message m
         where m.delivery = $1 and m.proof <= $2 and (m.proof, m.seq) > ($3, $4) and ($6::int is null or m.seq = $6)
         order by m.proof, m.seq limit $7) m
       join profile p on p.revision = m.revision and p."row" = m.profile_row
       order by m.proof, m.seq`,
      [filter.deliveryKey, filter.proofs.to, after.proof, after.seq, filter.withFields, filter.seq ?? null, pageRows],
    );
    const attemptsAt = await readAttempts(database, filter.deliveryKey, rows);
    for (const row of rows) yield { ...row, revision: Number(row.revision), tried: attemptsAt(row) };
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    after = last;
  }
}
