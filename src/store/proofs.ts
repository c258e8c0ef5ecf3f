import type { Profile } from '../delivery/definition.js';
import type { Reason } from '../delivery/message-status.js';
import type { ChosenProfiles } from '../delivery/proof-settings.js';
import type { Database, Queryable } from './database.js';

interface Revision {
  key: number;
  deliveryKey: number;
}

/** One message of a proof. */
export interface ProofMessage {
  seq: number;
  /** Whom it goes to, as doubles are told by. */
  address: string;
  /** The profile whose data it shows. */
  row: number;
  /** It is left out, for this reason. */
  reason?: Reason;
  /** What keeps it from being made; names fields, never values. */
  fault?: string;
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
    `select "row", address, fields from profile where revision = $1 and address <> '' order by "row" limit $2`,
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
      `select "row", address, fields from profile where revision = $1 and address <> ''
       order by md5($2::text || '/' || "row"), "row" limit $3`,
      [revisionKey, seed, spare(random)],
    );
    return rows;
  }
  const [column, values] = chosenRows ? ['"row"', chosenRows] : ['lower(address)', addresses?.map(lowered) ?? []];
  const type = chosenRows ? 'int[]' : 'text[]';
  const { rows } = await database.query<Profile>(
    // Of several profiles with an address, the first: it is the one that the target keeps.
    `select "row", address, fields
     from (
       select distinct on (place) array_position($2::${type}, ${column}) as place, "row", address, fields
       from profile where revision = $1 and ${column} = any($2::${type}) order by place, "row"
     ) chosen order by place`,
    [revisionKey, values],
  );
  return rows;
}

const lowered = (text: string): string => text.toLowerCase();

/** Puts a proof's messages into the ledger; one that is there already stays as it is. */
export async function createProof(
  database: Database,
  revision: Revision,
  proof: number,
  messages: readonly ProofMessage[],
): Promise<void> {
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status, reason, reply)
     select $1, $2, n.seq, $3, n."row", n.address,
       case when n.reason is null then 'pending' else 'ignored' end::message_status, n.reason, n.fault
     from json_to_recordset($4::json) as n(seq int, address text, "row" int, reason text, fault text)
     on conflict do nothing`,
    [revision.deliveryKey, proof, revision.key, JSON.stringify(messages)],
  );
}
