import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { keyName, keyRecord, type DkimKey } from '../../src/mime/dkim-key.js';

const keyTypes = {
  'rsa-sha256': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'ed25519-sha256': () => generateKeyPairSync('ed25519'),
} as const;

/** A new key. */
export function makeKey(algorithm: DkimKey['algorithm'], own: Partial<DkimKey> = {}): DkimKey {
  const { privateKey } = keyTypes[algorithm]();
  return { domain: 'shop.example', selector: algorithm.slice(0, 3), algorithm, privateKey, ...own };
}

/** @returns the value that `DKIM_KEY` has for it */
export function keyVariable({ domain, selector, privateKey }: DkimKey): string {
  const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return `domain=${domain}; selector=${selector}; key=${pem.toString('base64')}`;
}

export interface Verdict {
  selector: string | undefined;
  /** RFC 8601, such as `pass`. */
  result: string;
  /** The signature's domain and that of From belong together. */
  aligned: boolean;
}

/** What a verifier that is not ours makes of each signature, in order, where DNS has the keys' records. */
export async function verifyDkim(bytes: Buffer, keys: readonly DkimKey[]): Promise<Verdict[]> {
  const records = new Map(keys.map((key) => [keyName(key), keyRecord(key)]));
  const { results } = await dkimVerify(bytes, {
    resolver: (name: string) => Promise.resolve([[records.get(name) ?? '']]),
  });
  return results
    .filter(({ status }) => status.result !== 'none')
    .map(({ selector, status }) => ({ selector, result: status.result, aligned: Boolean(status.aligned) }));
}
