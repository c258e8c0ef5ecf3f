import { timingSafeEqual } from 'node:crypto';
import { parseAddress } from '../delivery/address.js';
import type { MessageKey } from '../delivery/message-key.js';
import { labelledMac } from './sealed-hash.js';

const payloadLength = 11;
/** 72 bits: with the payload they fill 32 letters of base32 with no bit left over, so a token has one spelling only. */
const macLength = 9;
const tokenLength = 32;
/** RFC 4648 §6 in lower case: mail systems may fold a local part's case, which base64 would not survive. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const verpLocalPart = /^.+\+([a-z2-7]{32})$/i;

/** RFC 5321 §4.5.3.1.1, less "+" and the token. */
const longestBase = 64 - 1 - tokenLength;

function macUnder(secret: Buffer): (payload: Buffer) => Buffer {
  const mac = labelledMac(secret, 'sealpost/verp/1');
  return (payload) => mac(payload).subarray(0, macLength);
}

/**
 * Prepares the return paths of a delivery: `bounce@shop.example` becomes `bounce+<32 letters>@shop.example`. The delivery's
 * key takes 40 bits, the number of a proof 16 and the sequence number 32.
 *
 * @param base - where bounces go, without a token
 * @returns what makes the return path of one message, always the same for it; throws RangeError for a number too large
 * @throws RangeError when `base` is no address, not ASCII, or has more than 31 characters before its @
 */
export function compileVerp(secret: Buffer, base: string): (subject: MessageKey) => string {
  const parsed = parseAddress(base);
  if (!parsed || parsed.smtpUtf8) throw new RangeError('sender.errorAddress must be an ASCII address for sender.verp');
  const at = parsed.address.lastIndexOf('@');
  if (at > longestBase)
    throw new RangeError(`sender.verp needs at most ${longestBase} characters before the @ of sender.errorAddress`);
  const [local, domain] = [parsed.address.slice(0, at), parsed.address.slice(at)];
  const mac = macUnder(secret);
  return (subject) => {
    const payload = encodePayload(subject);
    return `${local}+${encodeBase32(Buffer.concat([payload, mac(payload)]))}${domain}`;
  };
}

/**
 * Reads the address that a bounce was sent to. Anybody can send to it: what comes back is authentic.
 *
 * @param secretOf - the secret of a delivery; undefined when there is no such delivery
 * @returns undefined for an address without a token, with a forged one, or of an unknown delivery
 */
export function readVerp(
  address: string,
  secretOf: (deliveryKey: number) => Buffer | undefined,
): MessageKey | undefined {
  const at = address.lastIndexOf('@');
  if (at < 0 || at > 64) return undefined;
  const token = verpLocalPart.exec(address.slice(0, at))?.[1];
  if (token === undefined) return undefined;
  const bytes = decodeBase32(token.toLowerCase());
  const payload = bytes.subarray(0, payloadLength);
  const deliveryKey = payload.readUIntBE(0, 5);
  const secret = secretOf(deliveryKey);
  if (!secret || !timingSafeEqual(bytes.subarray(payloadLength), macUnder(secret)(payload))) return undefined;
  return { deliveryKey, proof: payload.readUInt16BE(5), seq: payload.readUInt32BE(7) };
}

function encodePayload({ deliveryKey, proof, seq }: MessageKey): Buffer {
  if (!fits(deliveryKey, 40) || !fits(proof, 16) || !fits(seq, 32))
    throw new RangeError('sender.verp: a number of the message does not fit into its return path');
  const payload = Buffer.alloc(payloadLength);
  payload.writeUIntBE(deliveryKey, 0, 5);
  payload.writeUInt16BE(proof, 5);
  payload.writeUInt32BE(seq, 7);
  return payload;
}

const fits = (n: number, bits: number) => Number.isInteger(n) && n >= 0 && n < 2 ** bits;

function encodeBase32(bytes: Buffer): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 5) {
    let group = bytes.readUIntBE(i, 5);
    let letters = '';
    for (let n = 0; n < 8; n++, group = Math.floor(group / 32)) letters = alphabet.charAt(group % 32) + letters;
    text += letters;
  }
  return text;
}

function decodeBase32(text: string): Buffer {
  const bytes = Buffer.alloc(payloadLength + macLength);
  for (let i = 0; i < text.length; i += 8) {
    let group = 0;
    for (const letter of text.slice(i, i + 8)) group = group * 32 + alphabet.indexOf(letter);
    bytes.writeUIntBE(group, (i / 8) * 5, 5);
  }
  return bytes;
}
