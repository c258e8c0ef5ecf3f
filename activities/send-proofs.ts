import { isRecipientFault } from '../src/mime/compile-revision.js';
import { parseAddress } from '../src/delivery/address.js';
import type { Profile } from '../src/delivery/definition.js';
import type { StatusCounts } from '../src/delivery/message-status.js';
import { proofParts, proofSize, type ProofSubstitution } from '../src/delivery/proof-settings.js';
import { fenceBatch } from '../src/store/claims.js';
import type { Database } from '../src/store/database.js';
import { countStatuses } from '../src/store/progress.js';
import { chosenProfiles, createProof, exampleProfiles, proofExists, type ProofMessage } from '../src/store/proofs.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnknownError } from './failures.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { sendClaimed } from './send-claimed.js';

/**
 * Step 2: sends the numbered proof, each message with the data of a real profile: to the definition's proof recipients,
 * and to the test addresses that stand in place of profiles' own. Its messages stand in the ledger like others: a retried attempt sends only what was never begun.
 */
export async function sendProofs(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { deliveryId, proof }: RevisionRef & { proof: number },
): Promise<StatusCounts> {
  const { database, relays, archive } = dependencies;
  const { settings } = revision;
  const relay = relays.get(settings.relay);
  if (!relay) throw new RelayUnknownError();
  if (!(await proofExists(database, revision, proof))) await create(dependencies, revision, proof);
  await heartbeating(async (beat) => {
    const keep = await archive?.open({ deliveryId, proof });
    const key = { deliveryKey: revision.deliveryKey, proof, number: 0 };
    const range = { from: 1, to: proofSize(settings.proofs) };
    // A proof in doubt is not sent again, whatever the policy for the main target: another one can be asked for.
    const batch = { ...key, epoch: await fenceBatch(database, key, range, 'hold') };
    await sendClaimed(dependencies, {
      revision,
      relay,
      batch,
      range,
      sending: settings.sending,
      decisionTime: Date.now,
      validUntil: Infinity,
      keep,
      progress: (answered) => beat({ answered }),
    });
  });
  return await countStatuses(database, deliveryId, proof);
}

/** Chooses profiles that the content can be filled from, so that reviewers see what recipients will. */
async function create({ database }: Dependencies, revision: CompiledRevision, proof: number): Promise<void> {
  const { recipients, substitution } = proofParts(revision.settings.proofs);
  const messages = [
    ...listed(recipients, await examples(database, revision, recipients.length)),
    ...(substitution ? substituted(substitution, await substitutes(database, revision, substitution)) : []),
  ];
  await createProof(
    database,
    revision,
    proof,
    messages.map((message, index) => ({ ...message, address: keyOf(message.address), seq: index + 1 })),
  );
}

type Unnumbered = Omit<ProofMessage, 'seq'>;

/** Each recipient once, with the profiles in turn. */
function listed(recipients: readonly string[], profiles: readonly Profile[]): Unnumbered[] {
  return recipients.flatMap((address, index) => {
    const profile = profiles[index % profiles.length];
    return profile ? [{ address, row: profile.row }] : [];
  });
}

/** Each profile once, to the test addresses in turn. */
function substituted({ to }: ProofSubstitution, profiles: readonly Omit<Unnumbered, 'address'>[]): Unnumbered[] {
  return profiles.flatMap((profile, index) => {
    const address = to[index % to.length];
    return address === undefined ? [] : [{ ...profile, address }];
  });
}

async function examples(database: Database, revision: CompiledRevision, wanted: number): Promise<Profile[]> {
  if (wanted === 0) return [];
  return fillable(revision, await exampleProfiles(database, revision.key, wanted), wanted);
}

/** Who was named and has no message is told of; a draw goes on to the next profile. */
async function substitutes(
  database: Database,
  revision: CompiledRevision,
  { profiles }: ProofSubstitution,
): Promise<Omit<Unnumbered, 'address'>[]> {
  const chosen = await chosenProfiles(database, revision.key, profiles);
  if (profiles.random !== undefined) return fillable(revision, chosen, profiles.random).map(({ row }) => ({ row }));
  return chosen.map(({ row, fields }) => {
    const fault = faultOf(revision, fields);
    return fault === undefined ? { row } : { row, reason: 'personalisation-failed', fault };
  });
}

/** @returns so many profiles that messages can be made of */
function fillable(revision: CompiledRevision, profiles: readonly Profile[], wanted: number): Profile[] {
  const found: Profile[] = [];
  for (const profile of profiles) {
    if (found.length >= wanted) break;
    if (faultOf(revision, profile.fields) === undefined) found.push(profile);
  }
  return found;
}

/** @returns what keeps a message from being made of these fields; names fields, never values */
function faultOf(revision: CompiledRevision, fields: Profile['fields']): string | undefined {
  try {
    revision.render({ proof: 0, seq: 0, address: 'proof@sealpost.example', fields, date: new Date(0) });
    return undefined;
  } catch (error) {
    if (isRecipientFault(error)) return error.message;
    throw error;
  }
}

const keyOf = (address: string): string => parseAddress(address)?.key ?? address;
