import { randomBytes, type KeyObject } from 'node:crypto';
import { signStatement } from '../audit/operator-signature.js';
import { whyUnproven, type DecisionVerdict } from '../delivery/approval-policy.js';
import type { ApprovalSettings } from '../delivery/approval-settings.js';
import type { ContentReview } from '../delivery/content-approval.js';
import { findProofed, findSealed } from '../store/approval-rules.js';
import type { Connections } from './connection.js';
import { SealpostError } from './errors.js';
import { operatorKeyPath, readOperatorKey } from './operator-keys.js';

/** What is decided. */
export interface OwnDecision {
  operator: string;
  verdict: DecisionVerdict;
  seal: string;
  comment?: string;
  breakGlass?: boolean;
}

/** A reviewer's own word on a proof. */
export type OwnReview = Pick<ContentReview, 'operator' | 'verdict' | 'proof'> & { comment?: string };

async function keyOf(operator: string, { env, passphrase }: Connections): Promise<KeyObject | undefined> {
  const path = operatorKeyPath(operator, env);
  return path === undefined ? undefined : await readOperatorKey(path, passphrase);
}

const once = () => ({ signedAt: new Date().toISOString(), nonce: randomBytes(16).toString('hex') });

/**
 * Signs a decision with the operator's key.
 *
 * @returns undefined where there is no key to sign with, or no such seal; the delivery judges what comes unsigned
 * @throws SealpostError `KEY_UNUSABLE`
 */
export async function signatureOfDecision(
  connections: Connections,
  delivery: string,
  { operator, breakGlass, ...decision }: OwnDecision,
): Promise<string | undefined> {
  const key = await keyOf(operator, connections);
  const sealed = key && (await findSealed(connections.database, delivery, decision.seal));
  if (!sealed) return undefined;
  const urgent = breakGlass && { breakGlass };
  return await signStatement('decision', { ...decision, ...sealed, delivery, ...urgent, ...once() }, key);
}

/**
 * Signs a review of a proof with the reviewer's key.
 *
 * @returns undefined where there is no key to sign with, or no such proof; the delivery judges what comes unsigned
 * @throws SealpostError `KEY_UNUSABLE`
 */
export async function signatureOfReview(
  connections: Connections,
  delivery: string,
  { operator, ...review }: OwnReview,
): Promise<string | undefined> {
  const key = await keyOf(operator, connections);
  const revision = key && (await findProofed(connections.database, delivery, review.proof));
  if (!key || revision === undefined) return undefined;
  return await signStatement('review', { ...review, delivery, revision, ...once() }, key);
}

/**
 * Makes ready to sign for a revision as its author, before anything of it is stored.
 *
 * @param approval - the revision's own
 * @returns what gives the signature once the revision has its name; undefined where there is no key to sign with
 * @throws SealpostError `KEY_UNUSABLE`, also where there is none and nobody could ever confirm the revision
 */
export async function authorSigner(
  connections: Connections,
  author: string,
  approval: ApprovalSettings,
): Promise<((subject: { delivery: string; revision: string }) => Promise<string>) | undefined> {
  const key = await keyOf(author, connections);
  if (key) return async (subject) => await signStatement('submission', { ...subject, author, ...once() }, key);
  if (whyUnproven({ rules: [{ settings: approval }] }) === undefined) return undefined;
  const where = operatorKeyPath(author, connections.env) ?? 'SEALPOST_KEYS, which is not set';
  throw new SealpostError(
    'KEY_UNUSABLE',
    `Under approval.fourEyes the author signs for the revision, and "${author}" has no key (${where}): "sealpost operator add ${author}" makes one.`,
  );
}
