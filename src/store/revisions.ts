import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { namedFile, revisionHash, targetDigest } from '../audit/revision-hash.js';
import { deliverySettingsSchema, type Content, type DeliverySettings, type Profile } from '../delivery/definition.js';
import { needsSeed } from '../delivery/target-settings.js';
import { insertFiles, readFiles } from './attached-files.js';
import { denylistSender } from './denylist.js';
import { copyInto, copyRow, storable, storableValue } from './copy-format.js';
import { copyExcluded, type ExcludingSource } from './excluded-addresses.js';
import { noteOrigin, type ProfileOrigin } from './profile-origins.js';
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
}

/** What became of a {@link NewRevision}. */
export interface InsertedRevision {
  hash: string;
  /** False where the delivery has this very revision already. */
  created: boolean;
  profiles: number;
  /** The delivery has a journal: its workflow has begun. */
  begun: boolean;
  /** Greater than the keys of all revisions that were stored before. */
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
  /** Key of the delivery's HMACs. */
  secret: Buffer;
}

/**
 * Stores a revision whole or not at all: settings, content and every profile of the target, in one transaction.
 *
 * A start that was killed before its workflow was there leaves a revision that nobody needs, so a delivery that has not
 * begun takes another one: whoever starts the workflow first decides which of them it is.
 *
 * @throws DeliveryIdUsedError, DeliveryMissingError
 */
export async function insertRevision(database: Database, revision: NewRevision): Promise<InsertedRevision> {
  const inserted = await inTransaction(database, async (tx) => {
    const { deliveryKey, isNew, begun } = await lockDelivery(tx, revision.deliveryId);
    if (isNew && revision.purpose === 'revise') throw new DeliveryMissingError(revision.deliveryId);
    const key = Number((await tx.query(`select nextval('revision_key_seq') as key`)).rows[0].key);
    await tx.query('savepoint before_profiles');
    const target = await copyProfiles(tx, key, revision.profiles);
    const excluded = revision.excluded && (await copyExcluded(tx, key, revision.excluded));
    const hash = nameOf(revision, target.hash, excluded?.hash);
    const known = await tx.query('select 1 from revision where delivery = $1 and hash = $2', [deliveryKey, hash]);
    if (known.rowCount) {
      await tx.query('rollback to savepoint before_profiles');
      return { hash, created: false, profiles: target.count, begun, key };
    }
    if (begun && revision.purpose === 'start') throw new DeliveryIdUsedError(revision.deliveryId);
    const { files = [], ...content } = revision.content;
    const drawSeed = await drawSeedOf(tx, deliveryKey, revision.settings);
    await tx.query(
      `insert into revision (key, delivery, hash, author, created_at, settings, content, profiles, sender, draw_seed, origins, queries, empty_exclusions)
       overriding system value values ($1, $2, $3, $4, now(), $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        key,
        deliveryKey,
        hash,
        revision.author,
        JSON.stringify(revision.settings),
        JSON.stringify(content),
        target.count,
        denylistSender(revision.settings.sender.address),
        drawSeed,
        target.origins.length > 0 ? JSON.stringify(target.origins) : null,
        revision.queries?.length ? JSON.stringify(revision.queries) : null,
        excluded?.empty.length ? JSON.stringify(excluded.empty) : null,
      ],
    );
    await insertFiles(tx, key, files);
    if (drawSeed !== null) await insertSeeds(tx, key, revision.settings.target?.seeds ?? [], drawSeed);
    return { hash, created: true, profiles: target.count, begun, key };
  });
  // Or the planner takes the new target for nearly empty: a join then reads all of it for each message.
  if (inserted.created) await analyseAfter(database, 'profile', inserted.profiles);
  return inserted;
}

function nameOf(revision: NewRevision, target: string, excluded: string | undefined): string {
  const { sources, files } = revision.content;
  const { settings, queries } = revision;
  return revisionHash({ settings, sources, files: files?.map(namedFile), target, excluded, queries });
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

async function lockDelivery(
  tx: Transaction,
  id: string,
): Promise<{ deliveryKey: number; isNew: boolean; begun: boolean }> {
  const inserted = await tx.query(
    'insert into delivery (id, created_at, secret) values ($1, now(), $2) on conflict (id) do nothing returning key',
    [id, randomBytes(32)],
  );
  const { rows } = await tx.query('select key from delivery where id = $1 for update', [id]);
  const { key } = rows[0];
  // A statement of its own: the one above may have waited for the journal's first entry, and would not see it.
  const { rowCount } = await tx.query('select from journal where delivery = $1 limit 1', [key]);
  return { deliveryKey: key, isNew: inserted.rowCount === 1, begun: rowCount === 1 };
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
    `select r.key, r.delivery, r.hash, r.author, r.settings, r.content, r.profiles, d.secret
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
