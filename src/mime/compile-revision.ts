import { compilePersonalisation, PersonalisationError } from '../content/personalise.js';
import { domainOf, parseAddress } from '../delivery/address.js';
import type { Content, DeliverySettings, Profile } from '../delivery/definition.js';
import { compileMessage, type ComposedMessage } from './compose-message.js';
import { HeaderInjectionError } from './header-value.js';
import { unsubscriptionTokens } from './message-token.js';
import { computeLeaf, messageIdentities, sealedHashes } from './sealed-hash.js';
import { compileVerp } from './verp.js';

/** What a message is made for. */
export interface MessageSubject {
  /** 0 is the main target, N the Nth proof. */
  proof: number;
  seq: number;
  /** As in the envelope. */
  address: string;
  fields: Profile['fields'];
  /** The message's Date. It is not sealed, so any will do in the analysis. */
  date: Date;
}

/** A message as every attempt hands it to the relay. */
export interface RenderedMessage extends Omit<ComposedMessage, 'sealedHeaders'> {
  envelope: { sender: string; recipient: string };
  /** This message's commitment, 32 bytes. */
  leaf: Buffer;
}

/** A message that no mail system could carry, such as one whose unsubscription URL is longer than a header's line. */
class MessageUnfitError extends Error {
  override readonly name = 'MessageUnfitError';
}

/** Whether a recipient's own values are what keeps the message from being made. The error's message holds none of them. */
export function isRecipientFault(error: unknown): error is Error {
  return error instanceof PersonalisationError || error instanceof MessageUnfitError;
}

/** What the messages of a revision are made from. */
export interface RenderedRevision {
  deliveryId: string;
  deliveryKey: number;
  hash: string;
  /** Of the delivery. */
  secret: Buffer;
  settings: DeliverySettings;
  content: Content;
}

export type RenderMessage = (subject: MessageSubject) => RenderedMessage;

/**
 * Prepares everything that the messages of a revision share. Analysis, proofs and sending all render through this one
 * function: same message, same bytes, but for Date.
 *
 * The function that it returns throws errors that {@link isRecipientFault} knows, for a recipient who lacks what the
 * content asks for.
 */
export function compileRevision(revision: RenderedRevision): RenderMessage {
  const { settings, secret, hash } = revision;
  const personaliser = compilePersonalisation(settings, revision.content);
  const compose = compileMessage({
    from: settings.sender,
    replyTo: settings.sender.replyTo,
    unsubscribeMailto: settings.unsubscribe.mailto,
    oneClick: settings.unsubscribe.oneClick ?? settings.unsubscribe.hosted !== undefined,
    list: settings.list,
    feedbackId: settings.feedbackId,
    precedence: settings.precedence,
    autoSubmitted: settings.autoSubmitted,
    html: personaliser.html,
    text: personaliser.text,
  });
  const returnPath = envelopeAddress(settings.sender.errorAddress ?? settings.sender.address);
  const senderOf = settings.sender.verp ? compileVerp(secret, returnPath) : () => returnPath;
  const domain = domainOf(settings.sender.address);
  const identify = messageIdentities({ secret, hash, domain });
  const delivery = { id: revision.deliveryId, name: settings.name };
  const { hosted } = settings.unsubscribe;
  const tokenOf = hosted === undefined ? undefined : unsubscriptionTokens(secret);

  return (message) => {
    const { proof, seq, address, fields, date } = message;
    const key = { deliveryKey: revision.deliveryKey, proof, seq };
    const { messageId, boundary, envelopeSalt } = identify(message);
    const hostedUrl = tokenOf && `${hosted}/u/${tokenOf(key)}`;
    const values = personaliser.valuesFor({ profile: { address, fields }, delivery, unsubscribeUrl: hostedUrl });
    const prefix = proof > 0 ? settings.proofs.subjectPrefix.replace('{n}', String(proof)) : '';
    const subject = prefix + values.subject;
    const { html, text, unsubscribeUrl } = values;
    const composed = fit(() =>
      compose({ to: address, subject, html, text, messageId, boundary, date, unsubscribeUrl }),
    );
    const { headers, bytes, bodyOffset, bodyHash } = composed;
    const sender = senderOf(key);
    const envelope = { sender, recipient: address };
    const leaf = computeLeaf(sealedHashes({ salt: envelopeSalt, sender, recipient: address }, composed));
    return { envelope, headers, bytes, bodyOffset, bodyHash, leaf };
  };
}

function fit<T>(compose: () => T): T {
  try {
    return compose();
  } catch (error) {
    if (error instanceof RangeError || error instanceof HeaderInjectionError)
      throw new MessageUnfitError(error.message);
    throw error;
  }
}

function envelopeAddress(address: string): string {
  return parseAddress(address)?.address ?? address;
}
