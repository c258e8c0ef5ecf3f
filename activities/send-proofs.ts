import { MerkleTree } from '../src/audit/merkle.js';
import { isRecipientFault } from '../src/mime/compile-revision.js';
import { parseAddress } from '../src/delivery/address.js';
import type { Profile } from '../src/delivery/definition.js';
import type { ProofResult } from '../src/delivery/proof-progress.js';
import { formatsOf, proofParts, proofSize, type ProofSubstitution } from '../src/delivery/proof-settings.js';
import { proofMessages, type ProofMessage, type ProofRecipient } from '../src/delivery/proof-target.js';
import { fenceBatch } from '../src/store/claims.js';
import type { Database } from '../src/store/database.js';
import { countStatuses } from '../src/store/progress.js';
import {
  chosenProfiles,
  createProof,
  exampleProfiles,
  listedAmong,
  proofExists,
  proofLeaves,
} from '../src/store/proofs.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import { seedProfiles } from '../src/store/seeds.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnknownError } from './failures.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { sendClaimed } from './send-claimed.js';

/**
 * Step 2: sends the numbered proof, each message with the data of a real profile: to the definition's proof recipients,
 * to the seeds, and to the test addresses that stand in place of profiles' own. Its messages stand in the ledger like others: a retried attempt sends only what was never begun.
 */
export async function sendProofs(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { deliveryId, proof }: RevisionRef & { proof: number },
): Promise<ProofResult> {
  const { database, relays, archive } = dependencies;
  const { settings } = revision;
  const relay = relays.get(settings.relay);
  if (!relay) throw new RelayUnknownError();
  if (!(await proofExists(database, revision, proof))) await create(dependencies, revision, proof);
  await heartbeating(async (beat) => {
    const keep = await archive?.open({ deliveryId, proof });
    const key = { deliveryKey: revision.deliveryKey, proof, number: 0 };
    const range = { from: 1, to: proofSize(settings) };
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
  return await proofResult(database, deliveryId, proof);
}

/** What the proof came to, and what its messages were. */
export async function proofResult(database: Database, deliveryId: string, proof: number): Promise<ProofResult> {
  const tree = new MerkleTree();
  for (const leaf of await proofLeaves(database, deliveryId, proof)) tree.append(leaf);
  return { counts: await countStatuses(database, deliveryId, proof), root: tree.root().toString('hex') };
}

/** Whom a proof goes to, and all of the profile whose data it shows. */
interface Shown extends ProofRecipient {
  fields: Profile['fields'];
  profileAddress: string;
}

const shown = ({ row, address: profileAddress, fields }: Profile): Omit<Shown, 'address'> => ({
  row,
  fields,
  profileAddress,
});

/** Chooses profiles that the content can be filled from, so that reviewers see what recipients will. */
async function create({ database }: Dependencies, revision: CompiledRevision, proof: number): Promise<void> {
  const { proofs } = revision.settings;
  const { recipients, seeds, substitution } = proofParts(revision.settings);
  const all = [
    ...listed(recipients, await examples(database, revision, recipients.length)),
    ...(seeds.length > 0 ? seeded(revision, await seedProfiles(database, revision.key)) : []),
    ...(substitution ? substituted(substitution, await substitutes(database, revision, substitution)) : []),
  ].map((one) => ({ ...one, address: parseAddress(one.address)?.key ?? one.address }));
  const unwanted = await listedAmong(
    database,
    revision.key,
    all.map(({ address }) => address),
  );
  const messages = proofMessages(all, proofs, unwanted).map((message) => withLeaf(revision, proof, message));
  await createProof(database, revision, proof, messages);
}

function withLeaf({ render }: CompiledRevision, proof: number, message: Shown & ProofMessage): ProofMessage {
  const { fields, profileAddress, ...row } = message;
  if (row.reason !== undefined) return row;
  try {
    const { leaf } = render({ proof, seq: row.seq, address: row.address, fields, profileAddress, date: new Date(0) });
    return { ...row, leaf: leaf.toString('hex') };
  } catch (error) {
    if (isRecipientFault(error)) return { ...row, reason: 'personalisation-failed', fault: error.message };
    throw error;
  }
}

/** Each recipient once, with the profiles in turn. */
function listed(recipients: readonly string[], profiles: readonly Profile[]): Shown[] {
  return recipients.flatMap((address, index) => {
    const profile = profiles[index % profiles.length];
    return profile ? [{ ...shown(profile), address }] : [];
  });
}

/** Each seed with its own profile. */
function seeded(revision: CompiledRevision, seeds: readonly Profile[]): Shown[] {
  return seeds.map((seed) => ({ ...shownOrFault(revision, seed), address: seed.address }));
}

/** Each profile once, to the test addresses in turn. */
function substituted({ to }: ProofSubstitution, profiles: readonly Omit<Shown, 'address'>[]): Shown[] {
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
): Promise<Omit<Shown, 'address'>[]> {
  const chosen = await chosenProfiles(database, revision.key, profiles);
  if (profiles.random !== undefined) return fillable(revision, chosen, profiles.random).map(shown);
  return chosen.map((profile) => shownOrFault(revision, profile));
}

function shownOrFault(revision: CompiledRevision, profile: Profile): Omit<Shown, 'address'> {
  const fault = faultOf(revision, profile.fields);
  return { ...shown(profile), ...(fault !== undefined && { fault }) };
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

/** @returns what keeps a proof's messages from being made of these fields, in any format; names fields, never values */
function faultOf({ settings, render }: CompiledRevision, fields: Profile['fields']): string | undefined {
  const address = 'proof@sealpost.example';
  try {
    for (const nth of formatsOf(settings.proofs).keys())
      render({ proof: 1, seq: nth + 1, address, fields, date: new Date(0) });
    return undefined;
  } catch (error) {
    if (isRecipientFault(error)) return error.message;
    throw error;
  }
}
