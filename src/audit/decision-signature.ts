import type { KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, decodeProtectedHeader, errors } from 'jose';
import { decisionType, signedDecisionSchema, type SignedDecision } from '../delivery/signed-decision.js';
import { keyIdOf, keyObjectOf, publicKeyOf, type PublicKey } from './public-key.js';

/** Signs a decision with an operator's private key. @returns a compact JWS (RFC 7515) */
export async function signDecision(decision: SignedDecision, key: KeyObject): Promise<string> {
  const kid = await keyIdOf(publicKeyOf(key));
  return await new CompactSign(new TextEncoder().encode(JSON.stringify(decision)))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: decisionType })
    .sign(key);
}

/** SHA-256 in base64url. */
const thumbprint = /^[\w-]{43}$/;

/** @returns which key a decision says it was signed with; undefined for what is no signed decision */
export function keyIdIn(signature: string): string | undefined {
  try {
    const { alg, kid, typ } = decodeProtectedHeader(signature);
    // What nobody has signed yet may hold anything, NUL too, which Postgres refuses again and again.
    return alg === 'EdDSA' && typ === decisionType && thumbprint.test(String(kid)) ? String(kid) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns what was signed; undefined where the signature is not that key's, or what was signed is no decision */
export async function readDecision(signature: string, key: PublicKey): Promise<SignedDecision | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(signature, keyObjectOf(key), { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== decisionType) return undefined;
    return signedDecisionSchema.safeParse(JSON.parse(new TextDecoder().decode(payload))).data;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
