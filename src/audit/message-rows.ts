import { domainOf } from '../delivery/address.js';
import { deliverySettingsSchema, type DeliverySettings } from '../delivery/definition.js';
import { archiveCopies } from '../delivery/message-key.js';
import { compileRevision } from '../mime/compile-revision.js';
import { sharedReturnPath } from '../mime/envelope-addresses.js';
import { compileReturnPath } from '../mime/personalised-headers.js';
import { messageIdentities } from '../mime/sealed-hash.js';
import type { AuditDelivery, AuditMessage, AuditRevision } from '../store/audit-rows.js';
import type { PartRow } from './bundle-format.js';
import { withoutAddresses, type Pseudonym } from './pseudonyms.js';

/** How the ledger's rows become those of a bundle, for the messages of one revision. */
export interface MessageRows {
  /** Envelope senders are personalised: rows are wanted with their fields. */
  needsFields: boolean;
  row: (message: AuditMessage, pseudonym?: Pseudonym) => PartRow<'messages'>;
}

export function messageRows({ id, key, secret }: AuditDelivery, revision: AuditRevision): MessageRows {
  const settings = deliverySettingsSchema.parse(revision.settings);
  const domain = domainOf(settings.sender.address);
  const identify = messageIdentities({ secret, hash: revision.hash, domain });
  const senderOf = senders({ id, key, secret }, revision, settings);
  return {
    needsFields: sharedReturnPath(settings.sender) === undefined,
    row: (message, pseudonym) => {
      const { proof, leaf } = message;
      // A copy is its original, byte for byte.
      const { messageId, envelopeSalt } = identify({ proof: Math.max(proof, 0), seq: message.seq });
      const opened = leaf && proof === 0 && !pseudonym ? { salt: envelopeSalt, ...senderOf(message) } : {};
      const shows = proof > 0 ? { revision: revision.hash } : {};
      return { ...plain(message, pseudonym), messageId, ...shows, ...opened };
    },
  };
}

function plain(
  { revision: _revision, fields: _fields, leaf, address, reply, tried, ...message }: AuditMessage,
  pseudonym: Pseudonym | undefined,
): Omit<PartRow<'messages'>, 'messageId' | 'salt' | 'sender' | 'revision'> {
  return {
    ...message,
    address: pseudonym ? pseudonym(address) : address,
    leaf: leaf?.toString('hex') ?? null,
    firstClaimedAt: iso(message.firstClaimedAt),
    settledAt: iso(message.settledAt),
    nextAttemptAt: iso(message.nextAttemptAt),
    reply: pseudonym ? withoutAddresses(reply) : reply,
    ...(tried.length > 0 && { tried: pseudonym ? withoutAddresses(tried) : tried }),
  };
}

const iso = (date: Date | null): string | null => date && date.toISOString();

/** Where the return path is personalised, only the whole message tells it. */
function senders(
  delivery: Pick<AuditDelivery, 'id' | 'key' | 'secret'>,
  { hash, content, sources, files }: AuditRevision,
  settings: DeliverySettings,
): (message: AuditMessage) => { sender?: string } {
  const { id: deliveryId, key: deliveryKey, secret } = delivery;
  if (sharedReturnPath(settings.sender) !== undefined) {
    const returnPathOf = compileReturnPath({ secret, settings });
    return ({ seq }) => ({ sender: returnPathOf({ deliveryKey, proof: 0, seq }, {}) });
  }
  const all = { ...content, sources, ...(files.length > 0 && { files }) };
  const render = compileRevision({ deliveryId, deliveryKey, hash, secret, settings, content: all });
  return ({ seq, address, fields }) => {
    try {
      const message = { proof: 0, seq, address, fields: fields ?? {}, date: new Date(0) };
      return { sender: render(message).envelope.sender };
    } catch {
      // What can no longer be made had another profile when it was sealed.
      return {};
    }
  };
}

/** Which rows of the ledger stand in which part. */
export const proofsOfPart = {
  messages: { from: 0, to: 0 },
  proofs: { from: 1, to: 2 ** 31 - 1 },
  copies: { from: archiveCopies, to: archiveCopies },
} as const;
