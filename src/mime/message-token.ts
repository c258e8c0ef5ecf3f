import { timingSafeEqual } from 'node:crypto';
import type { MessageKey } from '../delivery/message-key.js';
import { labelledMac } from './sealed-hash.js';

/** What a token opens: the page where its message's recipient unsubscribes, or the message as a page. */
export type TokenUse = 'unsubscription' | 'mirror';

/** What somebody claims to be a token: its subject counts only when {@link isGenuine} says so. */
export interface ClaimedToken extends MessageKey {
  mac: Buffer;
}

/** Names the layout and the way to the key: a later one can be told from this. */
const version = 1;
const headLength = 13;
const macLength = 16;
const layout = /^[A-Za-z0-9_-]{39}$/;

/**
 * Makes the tokens of one delivery's links: 39 characters of base64url that say which message it is, and 128 bits of an
 * HMAC, so that nobody can unsubscribe others, or read their messages, by counting up. They hold no address. The same
 * message has the same token at every attempt, for it is part of the sealed bytes.
 *
 * @param secret - the delivery's, which outlives its revisions; the tokens of each use have a key of their own, derived
 *   from it
 */
export function messageTokens(secret: Buffer, use: TokenUse): (subject: MessageKey) => string {
  const mac = macUnder(secret, use);
  return ({ deliveryKey, proof, seq }) => {
    const head = Buffer.alloc(headLength);
    head.writeUInt8(version, 0);
    head.writeInt32BE(deliveryKey, 1);
    head.writeInt32BE(proof, 5);
    head.writeInt32BE(seq, 9);
    return Buffer.concat([head, mac(head)]).toString('base64url');
  };
}

const paths: Readonly<Record<TokenUse, string>> = { unsubscription: 'u', mirror: 'm' };

/**
 * Makes the addresses that {@link messageTokens} are part of.
 *
 * @param hosted - base URL of the web server, without a slash at its end
 */
export function messageUrls(hosted: string, secret: Buffer, use: TokenUse): (subject: MessageKey) => string {
  const tokenOf = messageTokens(secret, use);
  return (subject) => `${hosted}/${paths[use]}/${tokenOf(subject)}`;
}

/** @returns undefined for what cannot be a token, whatever the key */
export function readToken(text: string): ClaimedToken | undefined {
  if (!layout.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // The last character has two bits to spare: without this, four spellings would be one token.
  if (bytes.toString('base64url') !== text || bytes[0] !== version) return undefined;
  const [deliveryKey, proof, seq] = [bytes.readInt32BE(1), bytes.readInt32BE(5), bytes.readInt32BE(9)];
  if (deliveryKey < 0 || proof < 0 || seq < 0) return undefined;
  return { deliveryKey, proof, seq, mac: bytes.subarray(headLength) };
}

/** Whether the token was made for this use under this delivery's secret; in the same time whatever differs. */
export function isGenuine(token: ClaimedToken, secret: Buffer, use: TokenUse): boolean {
  const made = Buffer.from(messageTokens(secret, use)(token), 'base64url');
  return timingSafeEqual(made.subarray(headLength), token.mac);
}

function macUnder(secret: Buffer, use: TokenUse): (head: Buffer) => Buffer {
  const mac = labelledMac(secret, `key\0${use}`);
  return (head) => mac(head.toString('hex')).subarray(0, macLength);
}
