import { isRecipientFault } from '../src/mime/compile-revision.js';
import { parseAddress } from '../src/delivery/address.js';
import type { Profile } from '../src/delivery/definition.js';
import type { StatusCounts } from '../src/delivery/message-status.js';
import { fenceBatch } from '../src/store/claims.js';
import { countStatuses } from '../src/store/progress.js';
import { createProof, exampleProfiles, proofExists } from '../src/store/proofs.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnknownError } from './failures.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { sendClaimed } from './send-claimed.js';

/**
 * Step 2: sends the numbered proof to the definition's proof recipients, each with the data of a real profile. Its
 * messages stand in the ledger like others: a retried attempt sends only what was never begun.
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
    const range = { from: 1, to: settings.proofs.recipients.length };
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
  const recipients = revision.settings.proofs.recipients.map((address) => parseAddress(address)?.key ?? address);
  const rows: number[] = [];
  for (const { row, fields } of await exampleProfiles(database, revision.key, recipients.length)) {
    if (rows.length < recipients.length && renders(revision, fields)) rows.push(row);
  }
  const messages = recipients.flatMap((address, index) => {
    const row = rows[index % rows.length];
    return row === undefined ? [] : [{ seq: index + 1, address, row }];
  });
  await createProof(database, revision, proof, messages);
}

function renders(revision: CompiledRevision, fields: Profile['fields']): boolean {
  try {
    revision.render({ proof: 0, seq: 0, address: 'proof@sealpost.example', fields, date: new Date(0) });
    return true;
  } catch (error) {
    if (isRecipientFault(error)) return false;
    throw error;
  }
}
