import { Context } from '@temporalio/activity';
import { parseAddress } from '../src/delivery/address.js';
import type { Batch } from '../src/delivery/batch.js';
import { archiveCopies } from '../src/delivery/message-key.js';
import { isAscii, type Envelope } from '../src/smtp/transaction.js';
import { fenceBatch } from '../src/store/claims.js';
import { batchesOwingCopies, createCopies } from '../src/store/copies.js';
import { recordBrokenSeal } from '../src/store/progress.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnknownError, SealBrokenError, WorkerDrainingError, describeForLog } from './failures.js';
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
  const { bcc, sending } = settings;
  if (bcc === undefined) return 'done';
  await createCopies(database, deliveryKey, job.range);
  const key = { deliveryKey, proof: archiveCopies, number: job.range.number };
  return await sendClaimed(dependencies, {
    ...job,
    batch: { ...key, epoch: await fenceBatch(database, key, job.range, 'hold') },
    sending: { ...sending, inDoubt: 'hold' },
    readdress: (sealed) => copyEnvelope(sealed, bcc),
  });
}

/** The return path is the original's: with VERP, it names the message. */
export function copyEnvelope(sealed: Envelope, archive: string): Envelope {
  // The archive's address is ASCII; the To that the message shows need not be.
  const recipient = parseAddress(archive)?.address ?? archive;
  return { sender: sealed.sender, recipient, ...(isAscii(sealed) ? {} : { smtpUtf8: true }) };
}

/** Attempts at the copies that a delivery owes when it ends; with the waiting in between, some minutes. */
const lastAttempts = 6;

/**
 * Sends the copies that are owed when a delivery ends: after a stop, or a pause that ended in one, the batches no longer
 * run. A relay or a database that is away puts the end off for some minutes, and no longer.
 *
 * @param readApproved - the revision whose seal was approved
 */
export async function sendOwedCopies(
  dependencies: Dependencies,
  readApproved: (deliveryId: string) => Promise<CompiledRevision>,
  { deliveryId, progress }: { deliveryId: string; progress: (settled: number) => void },
): Promise<void> {
  const owed = await batchesOwingCopies(dependencies.database, deliveryId);
  if (owed.length === 0) return;
  const revision = await readApproved(deliveryId);
  try {
    const relay = dependencies.relays.get(revision.settings.relay);
    if (!relay) throw new RelayUnknownError();
    const job = { revision, relay, decisionTime: Date.now, validUntil: Infinity, progress };
    for (const range of owed) await sendCopies(dependencies, { ...job, range });
  } catch (error) {
    if (error instanceof SealBrokenError) return await stopForSeal(dependencies, revision, error);
    if (error instanceof WorkerDrainingError || Context.current().info.attempt < lastAttempts) throw error;
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
