import { compilePersonalisation } from '../content/personalise.js';
import { parseAddress } from '../delivery/address.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { compileMessage } from './compose-message.js';
import { computeLeaf, messageIdentity, sealedHashes } from './sealed-hash.js';

/** What a message is made for. */
export interface MessageSubject {
  /** 0 is the main target, N the Nth proof. */
  proof: number;
  seq: number;
  /** As in the envelope. */
  address: string;
  fields: Record<string, string>;
  /** The message's Date. It is not sealed, so any will do in the analysis. */
  date: Date;
}

/** A message as every attempt hands it to the relay. */
export interface RenderedMessage {
  envelope: { sender: string; recipient: string };
  /** Whole message, CRLF throughout, not dot-stuffed. */
  bytes: Buffer;
  /** This message's commitment, 32 bytes. */
  leaf: Buffer;
}

export type RenderMessage = (subject: MessageSubject) => RenderedMessage;

/**
 * Prepares everything that the messages of a revision share. Analysis, proofs and sending all render through this one
 * function: same message, same bytes, but for Date.
 *
 * @throws PersonalisationError from the function that it returns, for a recipient who lacks what the content asks for
 */
export function compileRevision(revision: {
  deliveryId: string;
  hash: string;
  secret: Buffer;
  settings: DeliverySettings;
  content: Content;
}): RenderMessage {
  const { settings, secret, hash } = revision;
  const personaliser = compilePersonalisation(settings, revision.content);
  const compose = compileMessage({ from: settings.sender, replyTo: settings.sender.replyTo });
  const sender = envelopeAddress(settings.sender.errorAddress ?? settings.sender.address);
  const domain = envelopeAddress(settings.sender.address).split('@').at(-1) ?? '';
  const delivery = { id: revision.deliveryId, name: settings.name };

  return ({ proof, seq, address, fields, date }) => {
    const { messageId, boundary, envelopeSalt } = messageIdentity({ secret, revision: hash, proof, seq, domain });
    const { unsubscribeUrl, ...parts } = personaliser.render({ profile: { address, fields }, delivery });
    const prefix = proof > 0 ? settings.proofs.subjectPrefix.replace('{n}', String(proof)) : '';
    const message = compose({
      ...parts,
      to: { address },
      subject: prefix + parts.subject,
      messageId,
      boundary,
      date,
      unsubscribe: { url: unsubscribeUrl, mailto: settings.unsubscribe.mailto },
    });
    const envelope = { sender, recipient: address };
    return {
      envelope,
      bytes: message.bytes,
      leaf: computeLeaf(sealedHashes({ salt: envelopeSalt, ...envelope }, message)),
    };
  };
}

function envelopeAddress(address: string): string {
  return parseAddress(address)?.address ?? address;
}
