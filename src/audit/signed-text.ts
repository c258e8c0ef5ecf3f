import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { keyIdOf, keyObjectOf, publicKeySchema, type PublicKey } from './public-key.js';
import type { SystemKey } from './system-key.js';

/** What a signature of the system is put under; none can pass for another. */
export type SignedKind = 'sealpost-audit-bundle' | 'sealpost-message-proof';

/** What a signature says, once it holds. */
export interface SignedText {
  text: string;
  /** The key that it names itself: whether that is the system's is for the reader to know. */
  publicJwk: PublicKey;
  thumbprint: string;
}

/** @returns a compact JWS (RFC 7515) with the text in it, which names the key that made it */
export async function signText(text: string, kind: SignedKind, key: SystemKey): Promise<string> {
  const { publicJwk: jwk, thumbprint: kid, privateKey } = key;
  return await new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: 'EdDSA', jwk, kid, typ: kind })
    .sign(privateKey);
}

/** @returns what is signed, or why the signature does not hold, in words */
export async function readSigned(jws: string, kind: SignedKind): Promise<SignedText | string> {
  // Base64 leaves bits over that no decoder looks at: a changed letter must not pass for the same signature.
  if (!jws.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)) {
    return 'it is no compact JWS';
  }
  try {
    const header = headerSchema.parse(decodeProtectedHeader(jws));
    const thumbprint = await keyIdOf(header.jwk);
    if (header.typ !== kind || header.kid !== thumbprint) return 'its header is not that of such a signature';
    const { payload } = await compactVerify(jws, keyObjectOf(header.jwk), { algorithms: ['EdDSA'] });
    return { text: Buffer.from(payload).toString('utf8'), publicJwk: header.jwk, thumbprint };
  } catch {
    return 'the signature does not match what it signs';
  }
}

const headerSchema = z.object({ kid: z.string(), typ: z.string(), jwk: publicKeySchema });
