import { randomBytes } from 'node:crypto';
import { signDecision } from '../audit/decision-signature.js';
import type { DecisionVerdict } from '../delivery/approval-policy.js';
import { findSealed } from '../store/approval-rules.js';
import type { Connections } from './connection.js';
import { operatorKeyPath, readOperatorKey } from './operator-keys.js';

/** What is decided. */
export interface OwnDecision {
  operator: string;
  verdict: DecisionVerdict;
  seal: string;
  comment?: string;
  breakGlass?: boolean;
}

/**
 * Signs a decision with the operator's key.
 *
 * @returns undefined where there is no key to sign with, or no such seal; the delivery judges what comes unsigned
 * @throws SealpostError `KEY_UNUSABLE`
 */
export async function signatureOf(
  { database, env, passphrase }: Connections,
  deliveryId: string,
  { operator, breakGlass, ...decision }: OwnDecision,
): Promise<string | undefined> {
  const path = operatorKeyPath(operator, env);
  const key = path === undefined ? undefined : await readOperatorKey(path, passphrase);
  const sealed = key && (await findSealed(database, deliveryId, decision.seal));
  if (!sealed) return undefined;
  return await signDecision(
    {
      ...decision,
      ...sealed,
      delivery: deliveryId,
      ...(breakGlass && { breakGlass }),
      signedAt: new Date().toISOString(),
      nonce: randomBytes(16).toString('hex'),
    },
    key,
  );
}
