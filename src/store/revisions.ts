import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { targetDigest } from '../audit/revision-hash.js';
import { deliverySettingsSchema, type Content, type DeliverySettings, type Profile } from '../delivery/definition.js';
import { needsSeed } from '../delivery/target-settings.js';
import { insertFiles, readFiles } from './attached-files.js';
import { denylistSender } from './denylist.js';
import { copyInto, copyRow, storable, storableValue } from './copy-format.js';
import { copyExcluded, type ExcludingSource } from './excluded-addresses.js';
import { noteOrigin, type ProfileOrigin } from './profile-origins.js';
import { nameOf } from './revision-name.js';
import { insertSeeds } from './seeds.js';
import { analyseAfter, inTransaction, type Database, type Queryable, type Transaction } from './database.js';

/** What a revision is made from. */
export interface NewRevision {
  /** `start` wants a delivery that has not begun, or has this very revision; `revise` one that is there. */
  purpose: 'start' | 'revise';
  deliveryId: string;
  /** Operator id of who submits it. */
  author: string;
  settings: DeliverySettings;
  content: Content;
  profiles: AsyncIterable<Profile>;
  /** Whom its sources leave out. */
  excluded?: readonly ExcludingSource[];
  /** What was asked of databases for its profiles. */
  queries?: readonly { database: string; query: string }[];
  /** The definition's file as it was written, for whoever edits it next: no part of the revision's name. */
  definition?: string;
  /** Its name, where it is known before: under another one it is not stored. */
  hash?: string;
}

/** What became of a {@link NewRevision}. */
export interface InsertedRevision {
  hash: string;
  /** False where the delivery has this very revision already. */
  created: boolean;
  profiles: number;
  /** The delivery has a journal: its workflow has begun. */
  begun: boolean;
  /** Greater than the keys of all revisions whose storing began before. */
  key: number;
}

export interface StoredRevision {
  /** Primary key in the store. */
  key: number;
  deliveryKey: number;
  /** SHA-256 of the canonical form, hexadecimal. */
  hash: string;
  author: string;
  settings: DeliverySettings;
  content: Content;
  profiles: number;
  /** The definition's file as it was written; absent for one that was given in code. */
  definition?: string;
  /** Key of the delivery's HMACs. */
  secret: Buffer;
}

/**
 * Stores a revision whole or not at all: settings, content and every profile of the target, in one transaction. The
 * delivery's row, which claims and the journal need, is held only once all that takes long is stored.
 *
 * A start that was killed before its workflow was there leaves a revision that nobody needs, so a delivery that has not
 * begun takes another one: whoever starts the workflow first decides which of them it is.
 *
 * @throws DeliveryIdUsedError, DeliveryMissingError, RevisionNotStoredError, RevisionDiffersError
 */
export async function insertRevision(database: Database, revision: NewRevision): Promise<InsertedRevision> {
  await demandDelivery(database, revision);
  const inserted = await inTransaction(database, async (tx) => {
    await tx.query('savepoint before_upload');
    const { key, hash, profiles } = await upload(tx, revision);
    if (revision.hash !== undefined && revision.hash !== hash) throw new RevisionDiffersError();
    const { deliveryKey, begun } = await lockDelivery(tx, revision.deliveryId);
    const { rows: others } = await tx.query<{ known: boolean; later: boolean }>(
      'select hash = $2 as known, key > $3 as later from revision where delivery = $1',
      [deliveryKey, hash, key],
    );
    if (others.some(({ known }) => known)) {
      await tx.query('rollback to savepoint before_upload');
      return { hash, created: false, profiles, begun, key };
    }
    if (begun && revision.purpose === 'start') throw new DeliveryIdUsedError(revision.deliveryId);
    // The last one by its key is the latest, wherever revisions are listed.
    if (revision.purpose === 'revise' && others.some(({ later }) => later))
      throw new RevisionNotStoredError(revision.deliveryId, 'another one was submitted meanwhile: submit it again');
    await handOver(tx, revision, { key, deliveryKey });
    return { hash, created: true, profiles, begun, key };
  });
  // Or the planner takes the new target for nearly empty: a join then reads all of it for each message.
  if (inserted.created) await analyseAfter(database, 'profile', inserted.profiles);
  return inserted;
}

async function demandDelivery(database: Queryable, { purpose, deliveryId }: NewRevision): Promise<void> {
  if (purpose === 'start') return;
  const { rowCount } = await database.query('select from delivery where id = $1', [deliveryId]);
  if (rowCount === 0) throw new DeliveryMissingError(deliveryId);
}

/** Stores all of a revision that needs nothing of its delivery; until it is handed over, nothing reads it. */
async function upload(
  tx: Transaction,
  revision: NewRevision,
): Promise<{ key: number; hash: string; profiles: number }> {
  const { files = [], ...content } = revision.content;
  const { rows } = await tx.query<{ key: string }>(
    `insert into revision (hash, author, created_at, settings, content, profiles, sender, queries, definition)
     values ('', $1, now(), $2, $3, 0, $4, $5, $6) returning key`,
    [
      revision.author,
      JSON.stringify(revision.settings),
      JSON.stringify(content),
      denylistSender(revision.settings.sender.address),
      revision.queries?.length ? JSON.stringify(revision.queries) : null,
      revision.definition === undefined ? null : storable(revision.definition),
    ],
  );
  const key = Number(rows[0]?.key);
  await insertFiles(tx, key, files);
  const target = await copyProfiles(tx, key, revision.profiles);
  const excluded = revision.excluded && (await copyExcluded(tx, key, revision.excluded));
  const hash = nameOf(revision, target.hash, excluded?.hash);
  await tx.query(
    `update revision set hash = $2, profiles = $3, origins = $4, empty_exclusions = $5, excluded_hash = $6 where key = $1`,
    [
      key,
      hash,
      target.count,
      target.origins.length > 0 ? JSON.stringify(target.origins) : null,
      excluded?.empty.length ? JSON.stringify(excluded.empty) : null,
      excluded?.hash ?? null,
    ],
  );
  // That each profile belongs to a revision is looked at row by row: not while the delivery's row is held.
  await tx.query('set constraints all immediate');
  return { key, hash, profiles: target.count };
}

/** Makes an uploaded revision one of its delivery, whose row must be locked. */
async function handOver(
  tx: Transaction,
  { settings }: NewRevision,
  { key, deliveryKey }: { key: number; deliveryKey: number },
): Promise<void> {
  const drawSeed = await drawSeedOf(tx, deliveryKey, settings);
  await tx.query('update revision set delivery = $2, draw_seed = $3, created_at = clock_timestamp() where key = $1', [
    key,
    deliveryKey,
    drawSeed,
  ]);
  if (drawSeed !== null) await insertSeeds(tx, key, settings.target?.seeds ?? [], drawSeed);
}

/** Drawn once for a delivery: the same rows of another revision draw the same. */
async function drawSeedOf(tx: Transaction, deliveryKey: number, { target }: DeliverySettings): Promise<string | null> {
  if (!target || !needsSeed(target)) return null;
  const { rows } = await tx.query<{ draw_seed: string }>(
    'select draw_seed from revision where delivery = $1 and draw_seed is not null limit 1',
    [deliveryKey],
  );
  return rows[0]?.draw_seed ?? randomBytes(16).toString('hex');
}

/** Longer than anything of ours holds the row. */
const lockTimeout = '10s';
/** Postgres: lock_not_available. */
const notLocked = '55P03';

async function lockDelivery(tx: Transaction, id: string): Promise<{ deliveryKey: number; begun: boolean }> {
  await tx.query(`set local lock_timeout = '${lockTimeout}'`);
  try {
    await tx.query('insert into delivery (id, created_at, secret) values ($1, now(), $2) on conflict (id) do nothing', [
      id,
      randomBytes(32),
    ]);
    const { rows } = await tx.query('select key from delivery where id = $1 for update', [id]);
    const { key } = rows[0];
    // A statement of its own: the one above may have waited for the journal's first entry, and would not see it.
    const { rowCount } = await tx.query('select from journal where delivery = $1 limit 1', [key]);
    return { deliveryKey: key, begun: rowCount === 1 };
  } catch (error) {
    if ((error as { code?: unknown }).code !== notLocked) throw error;
    throw new RevisionNotStoredError(id, `something else has held the delivery for ${lockTimeout}: submit it again`);
  }
}

async function copyProfiles(
  tx: Transaction,
  revisionKey: number,
  profiles: AsyncIterable<Profile>,
): Promise<{ count: number; hash: string; origins: ProfileOrigin[] }> {
  const origins: ProfileOrigin[] = [];
  const digest = targetDigest();
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const profile of profiles) {
      count += 1;
      noteOrigin(origins, profile);
      const address = storable(profile.address);
      const fields = storableValue(profile.fields);
      digest.add(profile.row, address, fields);
      yield copyRow([revisionKey, profile.row, address, JSON.stringify(fields)]);
    }
  }
  await copyInto(tx, 'profile (revision, "row", address, fields)', lines());
  return { count, hash: digest.hash(), origins };
}

const contentSchema = z.object({
  html: z.string().exactOptional(),
  text: z.string(),
  sources: z.record(z.string(), z.string()),
});

/**
 * @throws RevisionMissingError when the delivery has no such revision
 */
export async function readRevision(database: Queryable, deliveryId: string, hash: string): Promise<StoredRevision> {
  const { rows } = await database.query(
    `select r.key, r.delivery, r.hash, r.author, r.settings, r.content, r.profiles, r.definition, d.secret
     from revision r join delivery d on d.key = r.delivery where d.id = $1 and r.hash = $2`,
    [deliveryId, hash],
  );
  const row = rows[0];
  if (!row) throw new RevisionMissingError();
  const files = await readFiles(database, Number(row.key));
  return {
    key: Number(row.key),
    deliveryKey: row.delivery,
    hash: row.hash,
    author: row.author,
    settings: deliverySettingsSchema.parse(row.settings),
    content: { ...contentSchema.parse(row.content), ...(files.length ? { files } : {}) },
    profiles: row.profiles,
    ...(row.definition !== null && { definition: row.definition }),
    secret: row.secret,
  };
}

/** Ids are used once: a delivery of this id has begun, with other content, settings or target. */
export class DeliveryIdUsedError extends Error {
  override readonly name = 'DeliveryIdUsedError';
  constructor(readonly deliveryId: string) {
    super(`The id "${deliveryId}" belongs to another delivery.`);
  }
}

/** Something else came between; nothing of the revision was stored. */
export class RevisionNotStoredError extends Error {
  override readonly name = 'RevisionNotStoredError';
  constructor(
    readonly deliveryId: string,
    readonly reason: string,
  ) {
    super(`The revision of "${deliveryId}" was not stored, for ${reason}.`);
  }
}

/** What was to be stored is not what it was said to be; nothing of it was stored. */
export class RevisionDiffersError extends Error {
  override readonly name = 'RevisionDiffersError';
  constructor() {
    super('The revision is not the one that was named.');
  }
}

/** No delivery of this id is in the ledger. */
export class DeliveryMissingError extends Error {
  override readonly name = 'DeliveryMissingError';
  constructor(readonly deliveryId: string) {
    super(`There is no delivery "${deliveryId}".`);
  }
}

/** The delivery has no revision of that name: a `revise` by hand named one that was never submitted. */
export class RevisionMissingError extends Error {
  override readonly name = 'RevisionMissingError';
  constructor() {
    super('The delivery has no revision of that name; submit it with "sealpost revise".');
  }
}

/** Names of the fields that profiles of the target have; of a long target, those of its first profiles. */
export async function profileFields(database: Queryable, revisionKey: number): Promise<string[]> {
  const { rows } = await database.query<{ field: string }>(
    `select distinct jsonb_object_keys(fields) as field
     from (select fields from profile where revision = $1 and "row" > 0 order by "row" limit 10000) p`,
    [revisionKey],
  );
  return rows.map(({ field }) => field);
}

/**
 * @returns hash of the revision whose seal was approved
 * @throws RevisionMissingError when nothing is approved: nothing may be sent
 */
export async function approvedRevision(database: Queryable, deliveryId: string): Promise<string> {
  const { rows } = await database.query<{ hash: string }>(
    `select r.hash from delivery d join revision r on r.key = d.analysed_revision
     where d.id = $1 and d.approved_seal is not null`,
    [deliveryId],
  );
  if (!rows[0]) throw new RevisionMissingError();
  return rows[0].hash;
}

const pageRows = 2_000;

/** The profiles that a revision was stored with, in order, read page by page. */
export async function* storedProfiles(database: Queryable, revisionKey: number): AsyncGenerator<Profile> {
  let after = 0;
  for (;;) {
    // Seeds, whose rows are below 0, were added by us.
    const { rows } = await database.query<Profile>(
      'select "row", address, fields from profile where revision = $1 and "row" > $2 order by "row" limit $3',
      [revisionKey, after, pageRows],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    after = last.row;
  }
}

/** Whom the sources of a revision leave out, in the order of their addresses. */
export async function* storedExclusions(database: Queryable, revisionKey: number): AsyncGenerator<string> {
  let after = '';
  for (;;) {
    const { rows } = await database.query<{ address: string }>(
      `select distinct address collate "C" as address from excluded_address
       where revision = $1 and address collate "C" > $2 order by 1 limit $3`,
      [revisionKey, after, pageRows],
    );
    for (const { address } of rows) yield address;
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    after = last.address;
  }
}
