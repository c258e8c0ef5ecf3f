import { sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { RenderedMessage } from './compile-revision.js';
import { signingKeys, type DkimKey } from './dkim-key.js';
import { fold } from './header-value.js';
import { relaxHeader } from './relaxed-canonicalisation.js';
import { sha256 } from './sealed-hash.js';

type Headers = RenderedMessage['headers'];

/** Headers that are signed where a message has them (RFC 6376 §5.4.1; RFC 8058 §4 demands the List-Unsubscribe ones). */
const signedNames = [
  'from',
  'to',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-id',
  'feedback-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
];

/** Those of them that not every message has, and whose lack is signed: an added one would be taken for the sender's. */
const lackSigned = new Set(['reply-to', 'list-unsubscribe']);

/**
 * Signs a message with every key that is for its From domain, with relaxed/relaxed canonicalisation. `bh=` is the body
 * hash that the seal holds, `t=` the message's Date: every attempt at a message carries the same signatures. Nothing
 * leaves the process here, so a kill changes nothing.
 *
 * @param keys - of all domains
 * @returns the whole message with its signatures before it; as it was when no key is for its domain
 */
export async function signMessage(
  keys: readonly DkimKey[],
  message: Pick<RenderedMessage, 'headers' | 'bodyHash' | 'bytes'>,
): Promise<Buffer> {
  const chosen = keys.length === 0 ? [] : signingKeys(keys, fromDomain(message.headers));
  if (chosen.length === 0) return message.bytes;
  const names = namesToSign(message.headers);
  const signed = canonicalHeaders(message.headers, names.flat());
  const signatures = await Promise.all(
    chosen.map(async (key) => {
      const unsigned = unsignedSignature(key, names, message);
      const signature = await signHeaders(key.privateKey, signed, unsigned);
      return `DKIM-Signature: ${unsigned}${signature.replace(/.{72}(?=.)/g, '$&\r\n ')}\r\n`;
    }),
  );
  return Buffer.concat([Buffer.from(signatures.join(''), 'latin1'), message.bytes]);
}

/**
 * @param names - as in `h=`, in lower case
 * @returns the headers that `h=` names, canonical; RFC 6376 §5.4.2: a name stands for the last header of that name that
 *   has not been taken yet, and for nothing when there is none left
 */
export function canonicalHeaders(headers: Headers, names: readonly string[]): string {
  const left = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    left.set(key, [...(left.get(key) ?? []), value]);
  }
  return names
    .map((name) => {
      const value = left.get(name)?.pop();
      return value === undefined ? '' : relaxHeader(name, value);
    })
    .join('');
}

const signAside = promisify<string | null, Buffer, KeyObject, Buffer>(sign);

/**
 * Signs on the thread pool: RSA takes most of a millisecond, and Ed25519 too costs this thread less there than here.
 *
 * @param headers - from {@link canonicalHeaders}
 * @param unsigned - value of the DKIM-Signature header up to `b=`
 * @returns `b`, base64
 */
export async function signHeaders(key: KeyObject, headers: string, unsigned: string): Promise<string> {
  // RFC 6376 §3.7: the header that is being made comes last, without its CRLF.
  const text = Buffer.from(headers + relaxHeader('DKIM-Signature', unsigned).slice(0, -2), 'utf8');
  const signature =
    key.asymmetricKeyType === 'rsa'
      ? await signAside('sha256', text, key)
      : // RFC 8463 §3: what Ed25519 signs is the hash.
        await signAside(null, sha256(text), key);
  return signature.toString('base64');
}

/** Each name once more than the message has it, so that none can be added (RFC 6376 §8.15). */
function namesToSign(headers: Headers): string[][] {
  const counts = new Map<string, number>();
  for (const [name] of headers) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  return signedNames
    .filter((name) => counts.has(name) || lackSigned.has(name))
    .map((name) => Array.from({ length: (counts.get(name) ?? 0) + 1 }, () => name));
}

function unsignedSignature(
  { algorithm, domain, selector }: DkimKey,
  names: readonly (readonly string[])[],
  { headers, bodyHash }: Pick<RenderedMessage, 'headers' | 'bodyHash'>,
): string {
  const words = [
    'v=1;',
    `a=${algorithm};`,
    'c=relaxed/relaxed;',
    `d=${domain};`,
    `s=${selector};`,
    `t=${Date.parse(valueOf(headers, 'Date')) / 1_000};`,
    ...names.map((same, i) => `${i === 0 ? 'h=' : ''}${same.join(':')}${i < names.length - 1 ? ':' : ';'}`),
    `bh=${bodyHash.toString('base64')};`,
  ];
  return `${fold('DKIM-Signature', words)}\r\n b=`;
}

/** From is one mailbox, its domain an A-label: see `encodeMailbox`. */
function fromDomain(headers: Headers): string {
  return /@([^@>]+)>?$/.exec(valueOf(headers, 'From'))?.[1] ?? '';
}

function valueOf(headers: Headers, wanted: string): string {
  return headers.find(([name]) => name === wanted)?.[1] ?? '';
}
