import type { KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, decodeProtectedHeader, errors } from 'jose';
import { statementSchemas, statementType, type Statement, type StatementKind } from '../delivery/signed-statement.js';
import { keyIdOf, keyObjectOf, publicKeyOf, type PublicKey } from './public-key.js';

/** Signs a statement with an operator's private key. @returns a compact JWS (RFC 7515) */
export async function signStatement<Kind extends StatementKind>(
  kind: Kind,
  statement: Statement<Kind>,
  key: KeyObject,
): Promise<string> {
  const kid = await keyIdOf(publicKeyOf(key));
  return await new CompactSign(new TextEncoder().encode(JSON.stringify(statement)))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: statementType(kind) })
    .sign(key);
}

/** SHA-256 in base64url. */
const thumbprint = /^[\w-]{43}$/;

/** @returns which key a statement says it was signed with; undefined for what is no such statement */
export function keyIdIn(kind: StatementKind, signature: string): string | undefined {
  try {
    const { alg, kid, typ } = decodeProtectedHeader(signature);
    // What nobody has signed yet may hold anything, NUL too, which Postgres refuses again and again.
    return alg === 'EdDSA' && typ === statementType(kind) && thumbprint.test(String(kid)) ? String(kid) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns what was signed; undefined where the signature is not that key's, or what was signed is no such statement */
export async function readStatement<Kind extends StatementKind>(
  kind: Kind,
  signature: string,
  key: PublicKey,
): Promise<Statement<Kind> | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(signature, keyObjectOf(key), { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== statementType(kind)) return undefined;
    const { data } = statementSchemas[kind].safeParse(JSON.parse(new TextDecoder().decode(payload)));
    // The table is keyed by kind; TypeScript cannot follow one kind through it.
    return data as Statement<Kind> | undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
