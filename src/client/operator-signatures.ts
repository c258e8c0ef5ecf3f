import { randomBytes, type KeyObject } from 'node:crypto';
import { signStatement } from '../audit/operator-signature.js';
import { whyUnproven, type DecisionVerdict } from '../delivery/approval-policy.js';
import type { ApprovalSettings } from '../delivery/approval-settings.js';
import type { ContentReview } from '../delivery/content-approval.js';
import { statementType, type Statement } from '../delivery/signed-statement.js';
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

/** What an operator signs, wherever the key is: a compact JWS (RFC 7515) of this text, with this `typ` in its header. */
export interface TextToSign {
  type: string;
  /** JSON. */
  text: string;
}

/** @returns all that a decision is about, and a number that counts once; undefined where there is no such seal */
async function decisionToSign(
  { database }: Pick<Connections, 'database'>,
  delivery: string,
  { verdict, seal, comment, breakGlass }: OwnDecision,
): Promise<Statement<'decision'> | undefined> {
  const sealed = await findSealed(database, delivery, seal);
  const said = {
    verdict,
    seal,
    ...(comment !== undefined && { comment }),
    ...(breakGlass && { breakGlass: true as const }),
  };
  return sealed && { ...said, ...sealed, delivery, ...once() };
}

/** The same as a text, for a key that this process does not have. @returns undefined where there is no such seal */
export async function textOfDecision(
  connections: Pick<Connections, 'database'>,
  delivery: string,
  decision: OwnDecision,
): Promise<TextToSign | undefined> {
  const statement = await decisionToSign(connections, delivery, decision);
  return statement && { type: statementType('decision'), text: JSON.stringify(statement) };
}

/**
 * Signs a decision with the operator's key.
 *
 * @returns undefined where there is no key to sign with, or no such seal; the delivery judges what comes unsigned
 * @throws SealpostError `KEY_UNUSABLE`
 */
export async function signatureOfDecision(
  connections: Connections,
  delivery: string,
  decision: OwnDecision,
): Promise<string | undefined> {
  const key = await keyOf(decision.operator, connections);
  const statement = key && (await decisionToSign(connections, delivery, decision));
  return statement && (await signStatement('decision', statement, key));
}

/** @returns all that a review is about, and a number that counts once; undefined where there is no such proof */
async function reviewToSign(
  { database }: Pick<Connections, 'database'>,
  delivery: string,
  { verdict, proof, comment }: OwnReview,
): Promise<Statement<'review'> | undefined> {
  const revision = await findProofed(database, delivery, proof);
  if (revision === undefined) return undefined;
  return { verdict, proof, ...(comment !== undefined && { comment }), delivery, revision, ...once() };
}

/** The same as a text, for a key that this process does not have. @returns undefined where there is no such proof */
export async function textOfReview(
  connections: Pick<Connections, 'database'>,
  delivery: string,
  review: OwnReview,
): Promise<TextToSign | undefined> {
  const statement = await reviewToSign(connections, delivery, review);
  return statement && { type: statementType('review'), text: JSON.stringify(statement) };
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
  review: OwnReview,
): Promise<string | undefined> {
  const key = await keyOf(review.operator, connections);
  const statement = key && (await reviewToSign(connections, delivery, review));
  return statement && (await signStatement('review', statement, key));
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
