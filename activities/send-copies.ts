import { Context } from '@temporalio/activity';
import type { Batch } from '../src/delivery/batch.js';
import type { DeliverySettings } from '../src/delivery/definition.js';
import { archiveCopies } from '../src/delivery/message-key.js';
import { archiveAddress, sharedReturnPath } from '../src/mime/envelope-addresses.js';
import { isAscii, type Envelope } from '../src/smtp/transaction.js';
import { fenceBatch } from '../src/store/claims.js';
import { batchesOwingCopies, createCopies } from '../src/store/copies.js';
import { recordBrokenSeal } from '../src/store/progress.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnavailableError, RelayUnknownError, SealBrokenError, describeForLog } from './failures.js';
import { lastHeartbeat } from './heartbeating.js';
import { requireSealedIcu } from './language-data.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { sendClaimed, type ClaimedSending } from './send-claimed.js';

/** A batch whose messages have been sent, as far as they could be. */
export type CopiedBatch = Omit<ClaimedSending, 'batch' | 'range' | 'sending' | 'readdress' | 'keep'> & { range: Batch };

/**
 * Sends the archive its copies of a batch: the bytes that each recipient got, made once more and compared with the
 * original's leaf. Copies stand in the ledger like messages and go the same way: claimed before MAIL, in doubt when
 * this process is killed after that, tried again by the timetable when the archive says 4xx. A copy in doubt is held,
 * whatever the policy for the main target: nobody is there to tell two copies from two messages.
 *
 * Killed before the copies are in the ledger, or before they are claimed, the next attempt at the batch does the rest.
 *
 * @returns why it ended; `done` at once for a delivery without an archive
 * @throws as {@link sendClaimed} does
 */
export async function sendCopies(dependencies: Dependencies, job: CopiedBatch): ReturnType<typeof sendClaimed> {
  const { database } = dependencies;
  const { deliveryKey, settings } = job.revision;
  const archive = archiveAddress(settings);
  if (archive === undefined) return 'done';
  await createCopies(database, deliveryKey, job.range);
  const key = { deliveryKey, proof: archiveCopies, number: job.range.number };
  return await sendClaimed(dependencies, {
    ...job,
    batch: { ...key, epoch: await fenceBatch(database, key, job.range, 'hold') },
    sending: { ...settings.sending, inDoubt: 'hold' },
    readdress: (sealed) => copyEnvelope(sealed, { archive, sender: settings.sender }),
  });
}

/**
 * The return path has no token: a bounce from the archive must not be taken for one of the original's recipient. Where
 * it is personalised, there is none but the original's.
 *
 * @param sealed - the original's
 */
export function copyEnvelope(
  sealed: Envelope,
  { archive, sender }: { archive: string; sender: DeliverySettings['sender'] },
): Envelope {
  return {
    sender: sharedReturnPath(sender) ?? sealed.sender,
    recipient: archive,
    // The archive's address is ASCII; the To that the message shows need not be.
    ...(isAscii(sealed) ? {} : { smtpUtf8: true }),
  };
}

/** Times in a row that the relay may fail when a delivery ends and owes copies; with the waiting in between, some minutes. */
const relayFailuresTolerated = 5;

/**
 * Sends the copies that are owed when a delivery ends: after a stop, or a pause that ended in one, the batches no longer
 * run. A relay that is away puts the end off for some minutes, and no longer. Its failures in a row are counted in the
 * heartbeat's details: an attempt that failed of something else says nothing of the relay.
 *
 * @param readApproved - the revision whose seal was approved
 * @param job.beat - sets the heartbeat's details
 */
export async function sendOwedCopies(
  dependencies: Dependencies,
  readApproved: (deliveryId: string) => Promise<CompiledRevision>,
  { deliveryId, beat }: { deliveryId: string; beat: (details: Record<string, number>) => void },
): Promise<void> {
  const owed = await batchesOwingCopies(dependencies.database, deliveryId);
  if (owed.length === 0) return;
  const revision = await readApproved(deliveryId);
  let { relayFailures = 0 } = lastHeartbeat();
  const progress = (answered: number): void => {
    if (answered > 0) relayFailures = 0;
    beat({ answered, relayFailures });
  };
  try {
    await requireSealedIcu(dependencies, revision);
    const relay = dependencies.relays.get(revision.settings.relay);
    if (!relay) throw new RelayUnknownError();
    const job = { revision, relay, decisionTime: Date.now, validUntil: Infinity, progress };
    for (const range of owed) await sendCopies(dependencies, { ...job, range });
  } catch (error) {
    if (error instanceof SealBrokenError) return await stopForSeal(dependencies, revision, error);
    if (!(error instanceof RelayUnavailableError || error instanceof RelayUnknownError)) throw error;
    relayFailures += 1;
    if (relayFailures <= relayFailuresTolerated) {
      // At once: the attempt ends here.
      Context.current().heartbeat({ relayFailures });
      throw error;
    }
    dependencies.log.error({ delivery: deliveryId, ...describeForLog(error) }, 'copies for the archive are given up');
  }
}

/** Records that a message is not what was sealed. */
export async function stopForSeal(
  { database, log }: Dependencies,
  { deliveryKey }: Pick<CompiledRevision, 'deliveryKey'>,
  { seq }: SealBrokenError,
): Promise<void> {
  await recordBrokenSeal(database, deliveryKey, seq);
  log.error({ deliveryKey, seq }, 'seal broken: the delivery was stopped');
}
