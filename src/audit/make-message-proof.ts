import { deliverySettingsSchema } from '../delivery/definition.js';
import { archiveAddress } from '../mime/envelope-addresses.js';
import { auditDelivery, auditMessages, auditRevisions, type AuditMessage } from '../store/audit-rows.js';
import type { Queryable } from '../store/database.js';
import { countLeavesBefore, leafPages } from '../store/preparation.js';
import { MerkleTree, scheduleHash } from './merkle.js';
import type { MessageProof } from './message-proof.js';
import { messageRows, proofsOfPart } from './message-rows.js';

/** Why there is no proof of a message. */
export class NoProofError extends Error {
  override readonly name = 'NoProofError';
}

/**
 * @param database - of one transaction
 * @returns undefined where there is no such delivery
 * @throws NoProofError
 */
export async function makeMessageProof(
  database: Queryable,
  { deliveryId, seq }: { deliveryId: string; seq: number },
  about: Pick<MessageProof, 'exportedAt' | 'sealpostVersion'>,
): Promise<MessageProof | undefined> {
  const delivery = await auditDelivery(database, deliveryId);
  if (!delivery) return undefined;
  for await (const revision of auditRevisions(database, delivery.key)) {
    const { hash: name, seal, schedule } = revision;
    if (name !== delivery.analysedRevision || seal === null) continue;
    if (delivery.approvedSeal !== seal)
      throw new NoProofError(`Nobody has confirmed the seal of "${deliveryId}": nothing of it was to be sent.`);
    const { needsFields, row } = messageRows(delivery, revision);
    const message = await messageOf(database, { deliveryKey: delivery.key, seq, withFields: needsFields });
    const { messageId, salt, sender, address: recipient, leaf } = row(message);
    if (leaf === null || salt === undefined || sender === undefined)
      throw new NoProofError(`Message ${seq} of "${deliveryId}" was left out: nothing of it is under the seal.`);
    const archive = archiveAddress(deliverySettingsSchema.parse(revision.settings));
    return {
      sealpostMessageProof: 1,
      delivery: deliveryId,
      revision: name,
      seal,
      seq,
      messageId,
      leaf,
      ...about,
      salt,
      sender,
      recipient,
      ...(archive !== undefined && { archive }),
      ...(schedule && { schedule: scheduleHash(schedule) }),
      ...(await placeOf(database, delivery.key, seq)),
    };
  }
  throw new NoProofError(`Delivery "${deliveryId}" has no seal yet.`);
}

async function messageOf(
  database: Queryable,
  { seq, ...filter }: { deliveryKey: number; seq: number; withFields: boolean },
): Promise<AuditMessage> {
  const proofs = proofsOfPart.messages;
  for await (const message of auditMessages(database, { ...filter, proofs, seq })) return message;
  throw new NoProofError(`There is no message ${seq}; "sealpost messages" lists those that there are.`);
}

async function placeOf(
  database: Queryable,
  deliveryKey: number,
  seq: number,
): Promise<Pick<MessageProof, 'index' | 'count' | 'path'>> {
  const tree = new MerkleTree();
  const index = await countLeavesBefore(database, deliveryKey, seq);
  for await (const page of leafPages(database, deliveryKey)) {
    for (const leaf of page) {
      if (tree.count === index) tree.watchNext();
      tree.append(leaf);
    }
  }
  const { path = [] } = tree.watched() ?? {};
  return { index, count: tree.count, path: path.map((beside) => beside.toString('hex')) };
}
