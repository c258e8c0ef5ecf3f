import type { Profile } from '../delivery/definition.js';
import type { Database, Queryable } from './database.js';

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

/** First profiles with an address, some more than are wanted, for some of them cannot be rendered. */
export async function exampleProfiles(
  database: Queryable,
  revisionKey: number,
  wanted: number,
): Promise<{ row: number; fields: Profile['fields'] }[]> {
  const { rows } = await database.query<{ row: number; fields: Profile['fields'] }>(
    `select "row", fields from profile where revision = $1 and address <> '' order by "row" limit $2`,
    [revisionKey, wanted * 10 + 50],
  );
  return rows;
}

/** Puts a proof's messages into the ledger; one that is there already stays as it is. */
export async function createProof(
  database: Database,
  revision: Revision,
  proof: number,
  messages: readonly { seq: number; address: string; row: number }[],
): Promise<void> {
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status)
     select $1, $2, n.seq, $3, n."row", n.address, 'pending'
     from unnest($4::int[], $5::text[], $6::int[]) as n(seq, address, "row")
     on conflict do nothing`,
    [
      revision.deliveryKey,
      proof,
      revision.key,
      messages.map(({ seq }) => seq),
      messages.map(({ address }) => address),
      messages.map(({ row }) => row),
    ],
  );
}
