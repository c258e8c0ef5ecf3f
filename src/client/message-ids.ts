import { domainOf } from '../delivery/address.js';
import { messageIdentities } from '../mime/sealed-hash.js';
import type { Queryable } from '../store/database.js';
import { messageKeys } from '../store/messages.js';
import { readRevision } from '../store/revisions.js';

/** What a message of a revision is called in its Message-ID, with angle brackets. */
export type MessageIdFor = (message: { proof: number; seq: number }) => string;

/** How a revision names its messages: nobody without the delivery's secret can make such a Message-ID. */
export async function messageIdsIn(database: Queryable, deliveryId: string, revision: string): Promise<MessageIdFor> {
  const { secret, settings } = await readRevision(database, deliveryId, revision);
  const identify = messageIdentities({ secret, hash: revision, domain: domainOf(settings.sender.address) });
  return (message) => identify(message).messageId;
}

/** All messages of a delivery with their Message-IDs, its proofs' too. */
export async function* namedMessages(
  database: Queryable,
  deliveryId: string,
): AsyncGenerator<{ proof: number; seq: number; messageId: string }> {
  const idsByRevision = new Map<string, MessageIdFor>();
  for await (const { proof, seq, revision } of messageKeys(database, deliveryId)) {
    const idFor = idsByRevision.get(revision) ?? (await messageIdsIn(database, deliveryId, revision));
    idsByRevision.set(revision, idFor);
    yield { proof, seq, messageId: idFor({ proof, seq }) };
  }
}
