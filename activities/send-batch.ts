import type { Batch } from '../src/delivery/batch.js';
import { fenceBatch } from '../src/store/claims.js';
import { decisionClock } from './decision-time.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnknownError, SealBrokenError } from './failures.js';
import { heartbeating } from './heartbeating.js';
import { requireSealedIcu } from './language-data.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { sendClaimed, type ClaimedSending } from './send-claimed.js';
import { sendCopies, stopForSeal, type CopiedBatch } from './send-copies.js';

export interface SendBatchInput {
  deliveryId: string;
  batch: Batch;
  /** Milliseconds since the epoch, both. */
  validUntil: number;
  now: number;
}

/** What was sent at the very end of validity, or before a pause that went beyond it, is copied yet. */
const copiesGraceMs = 3_600_000;

type Ended = { ended: 'done' | 'paused' | 'stopped' };

/**
 * Step 4: sends what is due in a range of the sealed messages, then the archive's copies of what was sent. What an
 * attempt that died left behind is fenced first.
 *
 * @returns `done` when nothing more is due here, or what the control row said
 */
export async function sendBatch(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { deliveryId, batch: range, validUntil, now }: SendBatchInput,
): Promise<Ended> {
  const decisionTime = decisionClock(now);
  const relay = dependencies.relays.get(revision.settings.relay);
  if (!relay) throw new RelayUnknownError();
  await requireSealedIcu(dependencies, revision);
  return await heartbeating(async (beat) => {
    const progress = (answered: number): void => beat({ answered });
    const keep = await dependencies.archive?.open({ deliveryId, proof: 0 });
    try {
      const job = { revision, relay, range, decisionTime, validUntil, progress };
      const lanes = dependencies.lanes?.of(revision.settings.relay);
      const copiesUntil = Math.max(validUntil, now) + copiesGraceMs;
      return await sendWithCopies(dependencies, job, { keep, lanes, copiesUntil });
    } catch (error) {
      if (!(error instanceof SealBrokenError)) throw error;
      await stopForSeal(dependencies, revision, error);
      return { ended: 'stopped' };
    }
  });
}

async function sendWithCopies(
  dependencies: Dependencies,
  job: CopiedBatch,
  { copiesUntil, ...own }: Pick<ClaimedSending, 'keep' | 'lanes'> & { copiesUntil: number },
): Promise<Ended> {
  const { database, log } = dependencies;
  const { deliveryKey, settings } = job.revision;
  const key = { deliveryKey, proof: 0, number: job.range.number };
  const batch = { ...key, epoch: await fenceBatch(database, key, job.range, settings.sending.inDoubt) };
  let why = await sendClaimed(dependencies, { ...job, ...own, batch, sending: settings.sending });
  if (why === 'fenced') log.warn({ deliveryKey, batch: batch.number }, 'another attempt has taken this batch over');
  else {
    const copies = await sendCopies(dependencies, { ...job, validUntil: copiesUntil });
    // A pause that came between the two must bring the workflow back here.
    if (why === 'done') why = copies;
  }
  return { ended: why === 'pause' ? 'paused' : why === 'stop' ? 'stopped' : 'done' };
}
