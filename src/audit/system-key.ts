import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { z } from 'zod';

/** An Ed25519 public key (RFC 8037). */
export const publicJwkSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

export type PublicJwk = z.output<typeof publicJwkSchema>;

/** The key that signs what an auditor gets. The private part stays in this process's memory. */
export interface SystemKey {
  privateKey: KeyObject;
  publicJwk: PublicJwk;
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
  const publicJwk = publicJwkSchema.parse(createPublicKey(privateKey).export({ format: 'jwk' }));
  return { privateKey, publicJwk, thumbprint: await thumbprintOf(publicJwk) };
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

/** RFC 7638. */
export async function thumbprintOf(key: PublicJwk): Promise<string> {
  return await calculateJwkThumbprint(key);
}
