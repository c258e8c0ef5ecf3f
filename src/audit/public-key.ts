import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { z } from 'zod';

/** An Ed25519 public key as a JWK (RFC 8037). */
export const publicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  /** 32 bytes, base64url. */
  x: z.string().regex(/^[\w-]{43}$/),
});

export type PublicKey = z.output<typeof publicKeySchema>;

/** @returns the public half of an Ed25519 key. @throws ZodError for a key of another kind */
export function publicKeyOf(key: KeyObject): PublicKey {
  return publicKeySchema.parse((key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' }));
}

/** For verifiers. */
export function keyObjectOf(key: PublicKey): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}

/** @returns the RFC 7638 thumbprint: SHA-256 in base64url */
export async function keyIdOf(key: PublicKey): Promise<string> {
  return await calculateJwkThumbprint(key, 'sha256');
}
