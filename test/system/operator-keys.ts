import { randomBytes, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { readOperatorKey } from '../../src/client/operator-keys.js';
import type { TestEnvironment } from './environment.js';

/** The private key of one of the people of a test environment. */
export async function keyOf({ env }: Pick<TestEnvironment, 'env'>, operator: string): Promise<KeyObject> {
  const path = join(env['SEALPOST_KEYS'] ?? '', `${operator}.pem`);
  const key = await readOperatorKey(path, () => Promise.resolve(undefined));
  if (!key) throw new Error(`no key of ${operator}`);
  return key;
}

export const fresh = () => ({ nonce: randomBytes(16).toString('hex') });

/** What makes a statement count once, now. */
export const now = () => ({ signedAt: new Date().toISOString(), ...fresh() });

/** A signature of which one character is another. */
export const flipped = (signature: string): string => {
  const at = signature.length - 10;
  return `${signature.slice(0, at)}${signature[at] === 'A' ? 'B' : 'A'}${signature.slice(at + 1)}`;
};
