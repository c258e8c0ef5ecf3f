import { keyIdIn, readStatement } from '../audit/operator-signature.js';
import type { Statement, StatementKind } from '../delivery/signed-statement.js';
import type { Queryable } from './database.js';
import { operatorOfKey, type OperatorRecord } from './operators.js';

/** A statement, and who has signed it. */
export interface SignedStatement<Kind extends StatementKind> {
  signed: Statement<Kind>;
  signer: OperatorRecord;
}

/**
 * Whether an operator has signed a statement of this kind, with a key that counts. What it says, and that it was not given
 * before, is for the caller to judge.
 *
 * @param given - `operator` is who is said to have signed
 */
export async function signedStatement<Kind extends StatementKind>(
  database: Queryable,
  kind: Kind,
  { operator, signature }: { operator: string; signature: string },
): Promise<SignedStatement<Kind> | { reason: string }> {
  const kid = keyIdIn(kind, signature);
  if (kid === undefined) return { reason: `its signature is none of a ${kind}` };
  const signer = await operatorOfKey(database, kid);
  const key = signer?.keys.find((one) => one.kid === kid);
  if (!signer || !key) return { reason: 'it is signed with a key that no operator has' };
  const signed = await readStatement(kind, signature, key.publicKey);
  if (!signed) return { reason: 'its signature is forged or damaged' };
  if (signer.id !== operator) return { reason: `it is signed by "${signer.id}" and given as "${operator}"` };
  if (!signer.active) return { reason: `operator "${operator}" is disabled` };
  if (key.revokedAt !== undefined) return { reason: 'it is signed with a key that was revoked' };
  return { signed, signer };
}
