import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { keyIdOf, publicKeyOf, type PublicKey } from './public-key.js';

/** The key that signs what an auditor gets. The private part stays in this process's memory. */
export interface SystemKey {
  privateKey: KeyObject;
  publicJwk: PublicKey;
  /** RFC 7638 thumbprint, SHA-256 in base64url. */
  thumbprint: string;
}

/** The file named as the system's key is none. */
export class SystemKeyError extends Error {
  override readonly name = 'SystemKeyError';
}

/**
 * @param pem - PKCS#8
 * @throws SystemKeyError, which quotes nothing of it
 */
export async function parseSystemKey(pem: string): Promise<SystemKey> {
  const privateKey = privateKeyOf(pem);
  if (privateKey?.asymmetricKeyType !== 'ed25519') {
    throw new SystemKeyError('it must hold an Ed25519 private key in PKCS#8 PEM, and no password');
  }
  const publicJwk = publicKeyOf(privateKey);
  return { privateKey, publicJwk, thumbprint: await keyIdOf(publicJwk) };
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** @returns a new private key in PKCS#8 PEM */
export function makeSystemKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
