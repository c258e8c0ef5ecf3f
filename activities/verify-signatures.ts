import type { UnverifiedCommand } from '../src/delivery/process.js';
import {
  clockSkewMs,
  membersThatDiffer,
  type CheckedSignature,
  type StatementKind,
  type StatementSubject,
} from '../src/delivery/signed-statement.js';
import type { Database } from '../src/store/database.js';
import { deciderOf } from '../src/store/deciders.js';
import { delegationsAt } from '../src/store/delegations.js';
import { takeNonce } from '../src/store/operators.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import { signedStatement } from '../src/store/signed-statements.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Checks who signed each decision and review, and that it was signed for what it is given for, and is given for the first
 * time. Safe to repeat: a nonce that was kept for the very same one is no second use.
 */
export async function verifySignatures(
  { database }: Dependencies,
  revision: CompiledRevision,
  { deliveryId, commands, sealedAt }: RevisionRef & { commands: readonly UnverifiedCommand[]; sealedAt: number },
): Promise<CheckedSignature[]> {
  const checked: CheckedSignature[] = [];
  const about = { deliveryId, revision, sealedAt: new Date(sealedAt).toISOString() };
  for (const { n, arrivedAt, command } of commands) {
    const { operator, signature = '' } = command;
    const given = { operator, signature, deliveryId, received: n, at: arrivedAt };
    checked.push(
      command.name === 'decide'
        ? await checkSignature(database, 'decision', given, decided(about, command))
        : await checkSignature(database, 'review', given, reviewed(about, command)),
    );
  }
  return checked;
}

/** A signature as it came. */
export interface GivenSignature {
  deliveryId: string;
  /** Who is said to have signed. */
  operator: string;
  signature: string;
  /** Its number among what was signed for the delivery. */
  received: number;
  /** When it came, in milliseconds since the epoch. */
  at: number;
}

/** @param subject - what must have been signed */
export async function checkSignature<Kind extends StatementKind>(
  database: Database,
  kind: Kind,
  { deliveryId, operator, signature, received, at }: GivenSignature,
  subject: StatementSubject<Kind>,
): Promise<CheckedSignature> {
  const found = await signedStatement(database, kind, { operator, signature });
  if ('reason' in found) return found;
  const { signed, signer } = found;
  const [other] = membersThatDiffer(kind, signed, subject);
  if (other !== undefined) return { reason: `it was signed for ${words[other] ?? `another ${other}`}` };
  if (Date.parse(signed.signedAt) > at + clockSkewMs)
    return { reason: 'it was signed in the future: set the clock of the machine that signs' };
  if (!(await takeNonce(database, deliveryId, { nonce: signed.nonce, received })))
    return { reason: 'it was given before: sign it again' };
  return { as: deciderOf(signer, await delegationsAt(database, at)).as };
}

/** What a decision or a review must be about. */
interface Subject {
  deliveryId: string;
  revision: CompiledRevision;
  /** ISO 8601. */
  sealedAt: string;
}

type Given<Name extends UnverifiedCommand['command']['name']> = UnverifiedCommand['command'] & { name: Name };

function decided(
  { deliveryId, revision: { hash, settings }, sealedAt }: Subject,
  { verdict, seal, comment, breakGlass }: Given<'decide'>,
): StatementSubject<'decision'> {
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

function reviewed(
  { deliveryId, revision: { hash } }: Subject,
  { verdict, proof, comment }: Given<'reviewProof'>,
): StatementSubject<'review'> {
  return { delivery: deliveryId, revision: hash, proof, verdict, comment };
}

/** Where "another" and a member's name say too little. */
const words: Readonly<Record<string, string>> = {
  sealedAt: 'an earlier analysis: sign it again',
  inDoubt: 'another policy for messages in doubt',
  breakGlass: 'another urgency',
};
