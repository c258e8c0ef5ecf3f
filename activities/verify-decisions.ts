import { keyIdIn, readDecision } from '../src/audit/decision-signature.js';
import { canonicalJson } from '../src/delivery/canonical-json.js';
import type { UnverifiedDecision } from '../src/delivery/process.js';
import { clockSkewMs, type CheckedSignature, type SignedDecision } from '../src/delivery/signed-decision.js';
import type { Database } from '../src/store/database.js';
import { deciderOf } from '../src/store/deciders.js';
import { delegationsAt } from '../src/store/delegations.js';
import { operatorOfKey, takeNonce } from '../src/store/operators.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Checks who signed each decision, and that it was signed for this delivery and seal and is given for the first time.
 * Safe to repeat: a nonce that was kept for the very same decision is no second use.
 */
export async function verifyDecisions(
  { database }: Dependencies,
  revision: CompiledRevision,
  { deliveryId, decisions, sealedAt }: RevisionRef & { decisions: readonly UnverifiedDecision[]; sealedAt: number },
): Promise<CheckedSignature[]> {
  const checked: CheckedSignature[] = [];
  const about = { deliveryId, revision, sealedAt: new Date(sealedAt).toISOString() };
  for (const decision of decisions) checked.push(await verify(database, about, decision));
  return checked;
}

/** What a decision must be about. */
interface Analysis {
  deliveryId: string;
  revision: CompiledRevision;
  /** ISO 8601. */
  sealedAt: string;
}

async function verify(
  database: Database,
  about: Analysis,
  { n: received, arrivedAt, command }: UnverifiedDecision,
): Promise<CheckedSignature> {
  const { operator, signature = '' } = command;
  const kid = keyIdIn(signature);
  if (kid === undefined) return { reason: 'its signature is none of a decision' };
  const signer = await operatorOfKey(database, kid);
  const key = signer?.keys.find((one) => one.kid === kid);
  if (!signer || !key) return { reason: 'it is signed with a key that no operator has' };
  const signed = await readDecision(signature, key.publicKey);
  if (!signed) return { reason: 'its signature is forged or damaged' };
  if (signer.id !== operator) return { reason: `it is signed by "${signer.id}" and given as "${operator}"` };
  if (!signer.active) return { reason: `operator "${operator}" is disabled` };
  if (key.revokedAt !== undefined) return { reason: 'it is signed with a key that was revoked' };
  const reason = mismatch(signed, expected(about, command));
  if (reason !== undefined) return { reason };
  if (Date.parse(signed.signedAt) > arrivedAt + clockSkewMs)
    return { reason: 'it was signed in the future: set the clock of the machine that signs' };
  if (!(await takeNonce(database, about.deliveryId, { nonce: signed.nonce, received })))
    return { reason: 'it was given before: sign it again' };
  return { as: deciderOf(signer, await delegationsAt(database, arrivedAt)).as };
}

type Expected = Omit<SignedDecision, 'signedAt' | 'nonce'>;

function expected({ deliveryId, revision, sealedAt }: Analysis, command: UnverifiedDecision['command']): Expected {
  const { verdict, seal, comment, breakGlass } = command;
  const { hash, settings } = revision;
  return {
    delivery: deliveryId,
    revision: hash,
    seal,
    sealedAt,
    verdict,
    inDoubt: settings.sending.inDoubt,
    comment,
    breakGlass: breakGlass ? true : undefined,
  };
}

const words: Record<keyof Expected, string> = {
  delivery: 'another delivery',
  revision: 'another revision',
  seal: 'another seal',
  sealedAt: 'an earlier analysis: sign it again',
  verdict: 'another verdict',
  inDoubt: 'another policy for messages in doubt',
  comment: 'another comment',
  breakGlass: 'another urgency',
};

function mismatch(signed: SignedDecision, given: Expected): string | undefined {
  const names = Object.keys(words) as (keyof Expected)[];
  const different = names.find((name) => canonicalJson(signed[name] ?? null) !== canonicalJson(given[name] ?? null));
  return different && `it was signed for ${words[different]}`;
}
