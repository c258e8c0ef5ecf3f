import type { Profile } from '../delivery/definition.js';
import type { MessageKey } from '../delivery/message-key.js';
import type { MirroredMessage } from '../delivery/mirror-page.js';
import type { Queryable } from './database.js';
import type { RevisionRef } from './revision-reader.js';

/** What a message is made from once more, to be shown as a page. */
export interface StoredMessage extends MirroredMessage, RevisionRef {
  /** Of the delivery. */
  secret: Buffer;
  address: string;
  fields: Profile['fields'];
  profileAddress: string;
  /** Of the main target: what was sealed. Of a proof: null. */
  leaf: Buffer | null;
}

/** @returns undefined where there is no such message */
export async function findStoredMessage(
  database: Queryable,
  { deliveryKey, proof, seq }: MessageKey,
): Promise<StoredMessage | undefined> {
  const { rows } = await database.query<StoredMessage>(
    `select d.id as "deliveryId", d.secret, r.hash as revision, m.address, p.fields, p.address as "profileAddress", m.leaf, m.status,
       m.first_claimed_at as "firstClaimedAt"
     from message m join delivery d on d.key = m.delivery join revision r on r.key = m.revision
     join profile p on p.revision = m.revision and p."row" = m.profile_row
     where m.delivery = $1 and m.proof = $2 and m.seq = $3`,
    [deliveryKey, proof, seq],
  );
  return rows[0];
}
