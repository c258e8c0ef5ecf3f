import type { Profile } from '../delivery/definition.js';
import type { Reason, ReasonCounts } from '../delivery/message-status.js';
import { foldedAddress, type ChosenProfiles } from '../delivery/proof-settings.js';
import type { ProofMessage } from '../delivery/proof-target.js';
import type { Database, Queryable } from './database.js';
import { denies } from './denylist.js';

interface Revision {
  key: number;
  deliveryKey: number;
}

export async function proofExists(database: Queryable, { deliveryKey }: Revision, proof: number): Promise<boolean> {
  const { rowCount } = await database.query('select 1 from message where delivery = $1 and proof = $2 limit 1', [
    deliveryKey,
    proof,
  ]);
  return rowCount === 1;
}

/** More than are wanted, for some profiles cannot be rendered. */
const spare = (wanted: number) => wanted * 10 + 50;

/** First profiles with an address, some more than are wanted. */
export async function exampleProfiles(database: Queryable, revisionKey: number, wanted: number): Promise<Profile[]> {
  const { rows } = await database.query<Profile>(
    `select "row", address, fields from profile where revision = $1 and "row" > 0 and address <> '' order by "row" limit $2`,
    [revisionKey, spare(wanted)],
  );
  return rows;
}

/**
 * The profiles that a substitution names, each once: those of rows and addresses in the order in which they are named,
 * those of a draw in that of the draw, some more than are wanted.
 */
export async function chosenProfiles(
  database: Queryable,
  revisionKey: number,
  { random, seed = 0, rows: chosenRows, addresses }: ChosenProfiles,
): Promise<Profile[]> {
  if (random !== undefined) {
    const { rows } = await database.query<Profile>(
      `select "row", address, fields from profile where revision = $1 and "row" > 0 and address <> ''
       order by md5($2::text || '/' || "row"), "row" limit $3`,
      [revisionKey, seed, spare(random)],
    );
    return rows;
  }
  const { rows } = await database.query<Profile>(
    `select "row", address, fields from profile
     where revision = $1 and "row" > 0 and "row" = any($2::int[]) order by array_position($2::int[], "row")`,
    [revisionKey, chosenRows ?? (await rowsOfAddresses(database, revisionKey, addresses ?? []))],
  );
  return rows;
}

/** @returns for each address the row of the first profile that has it: that one is kept where there are doubles */
async function rowsOfAddresses(
  database: Queryable,
  revisionKey: number,
  addresses: readonly string[],
): Promise<number[]> {
  const wanted = addresses.map(foldedAddress);
  const { rows } = await database.query<Pick<Profile, 'row' | 'address'>>(
    // What Postgres takes for a lower-case letter depends on the database's locale; under "C" it is a–z everywhere.
    `select "row", address from profile
     where revision = $1 and "row" > 0 and (lower(address collate "C") = any($2::text[]) or octet_length(address) > length(address))
     order by "row" desc`,
    [revisionKey, wanted],
  );
  const rowOf = new Map(rows.map(({ row, address }) => [foldedAddress(address), row]));
  return wanted.flatMap((address) => rowOf.get(address) ?? []);
}

/** @returns which of the addresses the sender's denylist and the quarantine hold */
export async function listedAmong(
  database: Queryable,
  revisionKey: number,
  addresses: readonly string[],
): Promise<{ denylisted: Set<string>; quarantined: Set<string> }> {
  const { rows } = await database.query<{ address: string; quarantined: boolean }>(
    `select address, false as quarantined from denylist
     where address = any($2::text[]) and ${denies('(select sender from revision where key = $1)')}
     union select address, true from quarantine where address = any($2::text[])`,
    [revisionKey, addresses],
  );
  const of = (wanted: boolean) => new Set(rows.flatMap((row) => (row.quarantined === wanted ? [row.address] : [])));
  return { denylisted: of(false), quarantined: of(true) };
}

/** Recipients that each of a delivery's proofs left out, by reason; a proof that left out nobody is not among them. */
export async function proofExclusions(database: Queryable, deliveryId: string): Promise<Map<number, ReasonCounts>> {
  const { rows } = await database.query<{ proof: number; reason: Reason; count: number }>(
    `select m.proof, m.reason, count(*)::int as count from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof > 0 and m.status = 'ignored' group by m.proof, m.reason order by m.proof, m.reason`,
    [deliveryId],
  );
  const excluded = new Map<number, ReasonCounts>();
  for (const { proof, reason, count } of rows) excluded.set(proof, { ...excluded.get(proof), [reason]: count });
  return excluded;
}

/** What the messages of a proof commit to, in order of sequence. */
export async function proofLeaves(database: Queryable, deliveryId: string, proof: number): Promise<Buffer[]> {
  const { rows } = await database.query<{ leaf: Buffer }>(
    `select m.leaf from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = $2 and m.leaf is not null order by m.seq`,
    [deliveryId, proof],
  );
  return rows.map(({ leaf }) => leaf);
}

/** Puts a proof's messages into the ledger; one that is there already stays as it is. */
export async function createProof(
  database: Database,
  revision: Revision,
  proof: number,
  messages: readonly ProofMessage[],
): Promise<void> {
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status, reason, reply, leaf)
     select $1, $2, n.seq, $3, n."row", n.address,
       case when n.reason is null then 'pending' else 'ignored' end::message_status, n.reason, n.fault, decode(n.leaf, 'hex')
     from json_to_recordset($4::json) as n(seq int, address text, "row" int, reason text, fault text, leaf text)
     on conflict do nothing`,
    [revision.deliveryKey, proof, revision.key, JSON.stringify(messages)],
  );
}
