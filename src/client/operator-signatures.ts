import { randomBytes, type KeyObject } from 'node:crypto';
import { signStatement } from '../audit/operator-signature.js';
import { whyUnproven, type DecisionVerdict } from '../delivery/approval-policy.js';
import type { ApprovalSettings } from '../delivery/approval-settings.js';
import type { ContentReview } from '../delivery/content-approval.js';
import { clockSkewMs, statementType, type Statement, type StatementSubject } from '../delivery/signed-statement.js';
import { findProofed, findSealed } from '../store/approval-rules.js';
import { nameRevision } from '../store/revision-name.js';
import { signedStatement } from '../store/signed-statements.js';
import type { Connections } from './connection.js';
import type { RevisionParts } from './definition-source.js';
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

/** What an author signs for a revision, wherever the key is. */
export interface SubmissionToSign extends TextToSign, StatementSubject<'submission'> {
  /** Rows of its target. */
  profiles: number;
}

/** Reads all that would be submitted, and stores nothing. @returns what its author signs; it counts once */
export async function submissionToSign(
  delivery: string,
  author: string,
  parts: RevisionParts,
): Promise<SubmissionToSign> {
  const { hash: revision, profiles } = await nameRevision(parts);
  const subject = { delivery, revision, author };
  const text = JSON.stringify({ ...subject, ...once() } satisfies Statement<'submission'>);
  return { type: statementType('submission'), text, profiles, ...subject };
}

/** Who submits a revision. */
interface Submitter {
  delivery: string;
  author: string;
  /** The revision's own. */
  approval: ApprovalSettings;
  /** Made elsewhere. */
  signature?: string | undefined;
}

interface AuthorSigner {
  /** Hash of the revision that was signed already; nothing else may be stored. */
  hash?: string;
  sign: (revision: string) => Promise<string>;
}

/**
 * Makes ready to sign for a revision as its author, before anything of it is stored.
 *
 * @returns what gives the signature once the revision has its name; undefined where there is no key to sign with
 * @throws SealpostError `KEY_UNUSABLE`, also where there is none and nobody could ever confirm the revision;
 *   `SIGNATURE_REFUSED` where one was given that does not hold
 */
export async function authorSigner(
  connections: Connections,
  { delivery, author, approval, signature }: Submitter,
): Promise<AuthorSigner | undefined> {
  if (signature !== undefined) {
    const hash = await signedRevision(connections, { delivery, author, signature });
    return { hash, sign: () => Promise.resolve(signature) };
  }
  const key = await keyOf(author, connections);
  if (key)
    return {
      sign: async (revision) => await signStatement('submission', { delivery, revision, author, ...once() }, key),
    };
  if (whyUnproven({ rules: [{ settings: approval }] }) === undefined) return undefined;
  const where = operatorKeyPath(author, connections.env);
  throw new SealpostError(
    'KEY_UNUSABLE',
    where === undefined
      ? `Under approval.fourEyes the author signs for the revision, and nothing that "${author}" has signed came with it: sign what is to be submitted, or name a folder of keys in SEALPOST_KEYS.`
      : `Under approval.fourEyes the author signs for the revision, and "${author}" has no key (${where}): "sealpost operator add ${author}" makes one.`,
  );
}

/** A start that a worker would turn down has used its id up: what it will look at is looked at before. */
async function signedRevision(
  { database }: Pick<Connections, 'database'>,
  { delivery, author, signature }: { delivery: string; author: string; signature: string },
): Promise<string> {
  const refused = (why: string) =>
    new SealpostError('SIGNATURE_REFUSED', `The author’s signature is refused: ${why}. Nothing was changed.`);
  const found = await signedStatement(database, 'submission', { operator: author, signature });
  if ('reason' in found) throw refused(found.reason);
  const { signed } = found;
  if (signed.delivery !== delivery) throw refused(`it was given for delivery "${signed.delivery}"`);
  if (signed.author !== author) throw refused(`it names "${signed.author}" as the author`);
  if (Date.parse(signed.signedAt) > Date.now() + clockSkewMs)
    throw refused('it was signed in the future: set the clock of the machine that signs');
  return signed.revision;
}
