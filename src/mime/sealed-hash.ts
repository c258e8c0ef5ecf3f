import { hash } from 'node:crypto';
import type { Header } from './compose-message.js';
import { relaxHeader, relaxName } from './relaxed-canonicalisation.js';

/** What gives a message its names: the same at every attempt, different in every message, revision and proof. */
export interface MessageIdentity {
  /** `<32 hex digits@domain>`. */
  messageId: string;
  /** `=_` and the digits of the Message-ID. */
  boundary: string;
  /** 32 hex digits; revealed only in this message's own proof. */
  envelopeSalt: string;
}

/**
 * Derives the identities of a revision's messages from a secret of its delivery: nobody without the secret can compute or
 * guess one. One half of an HMAC is public, the other salts the envelope: who knows a half, or the whole of other
 * messages, knows nothing of the rest, as long as HMAC-SHA256 is a pseudorandom function.
 *
 * @param revision.hash - SHA-256 of the revision, hex
 * @param revision.domain - right side of the Message-ID, an A-label
 */
export function messageIdentities(revision: {
  secret: Buffer;
  hash: string;
  domain: string;
}): (message: { proof: number; seq: number }) => MessageIdentity {
  const { domain } = revision;
  const hmac = hmacSha256(revision.secret);
  return ({ proof, seq }) => {
    // The revision is in it: the salt that one revision's proof reveals must not open another's envelope.
    const digits = hmac(`message\0${revision.hash}\0${proof}\0${seq}`);
    const id = digits.slice(0, 32);
    return { messageId: `<${id}@${domain}>`, boundary: `=_${id}`, envelopeSalt: digits.slice(32) };
  };
}

const blockLength = 64;

/**
 * RFC 2104 over SHA-256, in hexadecimal digits. `createHmac` takes five times as long: it makes an object a message.
 *
 * @param key - at most 64 bytes
 */
export function hmacSha256(key: Buffer): (data: string | Buffer) => string {
  const padded = Buffer.concat([key, Buffer.alloc(blockLength - key.length)]);
  const inner = padded.map((byte) => byte ^ 0x36);
  const outer = Buffer.concat([padded.map((byte) => byte ^ 0x5c), Buffer.alloc(32)]);
  return (data) => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    outer.write(hash('sha256', Buffer.concat([inner, bytes])), blockLength, 'hex');
    return hash('sha256', outer);
  };
}

/**
 * An HMAC under a key of its own, derived from a delivery's secret: what proves one thing proves nothing else.
 *
 * @param label - names the use of the key
 * @returns 32 bytes
 */
export function labelledMac(secret: Buffer, label: string): (data: string | Buffer) => Buffer {
  const hmac = hmacSha256(Buffer.from(hmacSha256(secret)(label), 'hex'));
  return (data) => Buffer.from(hmac(data), 'hex');
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

/** @returns the headers that the seal covers, in the relaxed form of RFC 6376 §3.4.2 */
export function sealedHeaders(headers: readonly Header[]): string {
  let text = '';
  for (const [name, value] of headers) {
    if (!unsealed.has(relaxName(name))) text += relaxHeader(name, value);
  }
  return text;
}

/**
 * @param envelope - addresses as SMTP will state them; `salt` from {@link messageIdentities}; `archive` is where the
 *   message's copy goes, for nobody must get one whom the seal does not name
 * @param message - `sealedHeaders` as {@link sealedHeaders} gives them
 */
export function sealedHashes(
  envelope: { salt: string; sender: string; recipient: string; archive?: string | undefined },
  message: { sealedHeaders: string; bodyHash: Buffer },
): SealedHashes {
  const { salt, sender, recipient, archive } = envelope;
  const addresses = archive === undefined ? [sender, recipient] : [sender, recipient, archive];
  return {
    // An address cannot hold NUL, and the salt's length is fixed, so this is one reading only.
    envelope: sha256(salt + addresses.join('\0')),
    headers: sha256(message.sealedHeaders),
    body: message.bodyHash,
  };
}

const leafPrefix = Buffer.of(0);

/** @returns one message's commitment, 32 bytes: `SHA-256(0x00 ‖ envelope ‖ headers ‖ bh)` */
export function computeLeaf({ envelope, headers, body }: SealedHashes): Buffer {
  return sha256(Buffer.concat([leafPrefix, envelope, headers, body]));
}

/** The detour over a string takes half the time of a Buffer from `hash`, which is one outside of Node's pool. */
export function sha256(data: string | Buffer): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1');
}
