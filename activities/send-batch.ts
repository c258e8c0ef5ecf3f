import { Context } from '@temporalio/activity';
import type { Batch } from '../src/delivery/batch.js';
import { fenceBatch } from '../src/store/claims.js';
import { decisionClock } from './decision-time.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnknownError, SealBrokenError } from './failures.js';
import { heartbeating } from './heartbeating.js';
import { countRun } from './judge-breaker.js';
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

export interface BatchEnd {
  /** `done` when nothing more is due in the batch, or what the control row said. */
  ended: 'done' | 'paused' | 'stopped';
  /** Too much of what was settled lately has gone wrong: a hint to look whether the delivery must pause. */
  over?: true;
  /** When the first message that was put off may leave, in milliseconds since the epoch. */
  comesBackAt?: number;
}

/**
 * Step 4: sends what is due in a range of the sealed messages, then the archive's copies of what was sent. What an
 * attempt that died left behind is fenced first.
 */
export async function sendBatch(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { deliveryId, batch: range, validUntil, now }: SendBatchInput,
): Promise<BatchEnd> {
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
): Promise<BatchEnd> {
  const { database, log } = dependencies;
  const { deliveryKey, settings } = job.revision;
  const key = { deliveryKey, proof: 0, number: job.range.number };
  // What an earlier attempt at this run has settled counts too.
  const begun = Math.min(Date.now(), Context.current().info.scheduledTimestampMs);
  const batch = { ...key, epoch: await fenceBatch(database, key, job.range, settings.sending.inDoubt) };
  let comesBackAt: number | undefined;
  const putOff = (until: number): void => void (comesBackAt = until);
  let why = await sendClaimed(dependencies, { ...job, ...own, batch, sending: settings.sending, putOff });
  let over = false;
  if (why === 'fenced') log.warn({ deliveryKey, batch: batch.number }, 'another attempt has taken this batch over');
  else {
    over = await countRun(dependencies, job.revision, job.range, begun);
    const copies = await sendCopies(dependencies, { ...job, validUntil: copiesUntil });
    // A pause that came between the two must bring the workflow back here.
    if (why === 'done') why = copies;
  }
  return {
    ended: why === 'pause' ? 'paused' : why === 'stop' ? 'stopped' : 'done',
    ...(over && { over }),
    ...(comesBackAt !== undefined && { comesBackAt }),
  };
}
