import { createHash, createHmac } from 'node:crypto';
import type { ComposedMessage } from './compose-message.js';
import { relaxBody, relaxHeader } from './relaxed-canonicalisation.js';

const leafPrefix = Buffer.of(0);
const separator = Buffer.of(0);

/** What gives a message its names: the same at every attempt, different in every message, revision and proof. */
export interface MessageIdentity {
  /** `<32 hex digits@domain>`. */
  messageId: string;
  /** `=_` and 32 hex digits. */
  boundary: string;
  /** 32 bytes; revealed only in this message's own proof. */
  envelopeSalt: Buffer;
}

/**
 * Derives a message's identity from a secret of its delivery: nobody without the secret can compute or guess one.
 *
 * @param proof - number of the proof, 0 for the main target
 * @param seq - sequence number of the message
 * @param domain - right side of the Message-ID, an A-label
 */
export function messageIdentity(message: {
  secret: Buffer;
  /** SHA-256 of the revision, hex. */
  revision: string;
  proof: number;
  seq: number;
  domain: string;
}): MessageIdentity {
  const { secret, revision, proof, seq, domain } = message;
  // The revision is in all of them: the salt that one revision's proof reveals must not open another's envelope.
  const derive = (label: string) =>
    createHmac('sha256', secret).update(`${label}\0${revision}\0${proof}\0${seq}`).digest();
  return {
    messageId: `<${derive('message-id').toString('hex', 0, 16)}@${domain}>`,
    boundary: `=_${derive('boundary').toString('hex', 0, 16)}`,
    envelopeSalt: derive('envelope'),
  };
}

/** Headers that the seal leaves out: Date is that of the first claim, DKIM-Signature and trace are added later. */
const unsealed = new Set(['date', 'dkim-signature', 'received', 'return-path']);

/** The three hashes that a leaf is made of, 32 bytes each: an auditor sees which of them differs. */
export interface SealedHashes {
  envelope: Buffer;
  headers: Buffer;
  /** The `bh` of DKIM with relaxed body canonicalisation, before base64. */
  body: Buffer;
}

/**
 * @param envelope - addresses as SMTP will state them; `salt` from {@link messageIdentity}
 * @param message - as it will be sent; its Date does not count
 */
export function sealedHashes(
  envelope: { salt: Buffer; sender: string; recipient: string },
  message: Pick<ComposedMessage, 'headers' | 'body'>,
): SealedHashes {
  const headers = createHash('sha256');
  for (const [name, value] of message.headers) {
    if (!unsealed.has(name.toLowerCase())) headers.update(relaxHeader(name, value));
  }
  return {
    // An address cannot hold NUL, so this is one reading only.
    envelope: createHash('sha256')
      .update(envelope.salt)
      .update(envelope.sender)
      .update(separator)
      .update(envelope.recipient)
      .digest(),
    headers: headers.digest(),
    body: createHash('sha256').update(relaxBody(message.body)).digest(),
  };
}

/** @returns one message's commitment, 32 bytes: `SHA-256(0x00 ‖ envelope ‖ headers ‖ bh)` */
export function computeLeaf(hashes: SealedHashes): Buffer {
  return createHash('sha256')
    .update(leafPrefix)
    .update(hashes.envelope)
    .update(hashes.headers)
    .update(hashes.body)
    .digest();
}
