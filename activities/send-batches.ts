import { Context } from '@temporalio/activity';
import { cutAgain, type Batch } from '../src/delivery/batch.js';
import { fenceBatches } from '../src/store/claims.js';
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
  /** Or a range of several that follow each other, numbered as the first. */
  batch: Batch;
  /** Milliseconds since the epoch, both. */
  validUntil: number;
  now: number;
}

/** What was sent at the very end of validity, or before a pause that went beyond it, is copied yet. */
const copiesGraceMs = 3_600_000;

export interface BatchEnd {
  /** `done` when nothing more is due in what was begun, or what the control row said. */
  ended: 'done' | 'paused' | 'stopped';
  /** Too much of what was settled lately has gone wrong: a hint to look whether the delivery must pause. */
  over?: true;
  /** When the first message that was put off may leave, in milliseconds since the epoch. */
  comesBackAt?: number;
  /** Of several batches those that were not begun, or not sent to their end. */
  left?: Batch;
}

/** No further batch is begun after so long: other deliveries wait for the place that this one has. */
const goOnForMs = 1_000;

type MainTarget = Pick<ClaimedSending, 'keep' | 'lanes'> & { copiesUntil: number };

/**
 * Step 4: sends what is due in a range of the sealed messages, then the archive's copies of what was sent. What an
 * attempt that died left behind is fenced first, in all batches of the range: an earlier attempt that wakes up late
 * cannot begin the next one.
 */
export async function sendBatches(
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
      return await sendInTurn(dependencies, job, { keep, lanes, copiesUntil });
    } catch (error) {
      if (!(error instanceof SealBrokenError)) throw error;
      await stopForSeal(dependencies, revision, error);
      return { ended: 'stopped' };
    }
  });
}

/** Sends the batches of the job's range one after the other, as far as time and the control row let it. */
async function sendInTurn(dependencies: Dependencies, job: CopiedBatch, own: MainTarget): Promise<BatchEnd> {
  const { deliveryKey, settings } = job.revision;
  const { batchSize, inDoubt } = settings.sending;
  // What an earlier attempt at this run has settled counts too.
  const begun = Math.min(Date.now(), Context.current().info.scheduledTimestampMs);
  const stopAt = performance.now() + goOnForMs;
  const key = { deliveryKey, proof: 0 };
  const ranges = cutAgain(job.range, batchSize);
  const epochs = await fenceBatches(dependencies.database, key, ranges, inDoubt);
  const leftFrom = (first: Batch | undefined): { left?: Batch } =>
    first ? { left: { ...first, to: job.range.to } } : {};
  for (const [i, range] of ranges.entries()) {
    const batch = { ...key, number: range.number, epoch: epochs[i] ?? 0 };
    const { why, over, comesBackAt } = await sendWithCopies(dependencies, { ...job, range }, { ...own, batch, begun });
    const end = over ? { over } : {};
    if (why === 'pause') return { ...end, ended: 'paused', ...leftFrom(range) };
    if (why === 'stop') return { ...end, ended: 'stopped' };
    const next = ranges[i + 1];
    // What is put off comes back with its own batch alone; where a batch was taken over, the others may be, too.
    const goesOn = comesBackAt === undefined && why !== 'fenced' && !over && performance.now() < stopAt;
    if (next && goesOn) continue;
    return { ...end, ended: 'done', ...(comesBackAt !== undefined && { comesBackAt }), ...leftFrom(next) };
  }
  return { ended: 'done' };
}

async function sendWithCopies(
  dependencies: Dependencies,
  job: CopiedBatch,
  { copiesUntil, begun, ...own }: MainTarget & Pick<ClaimedSending, 'batch'> & { begun: number },
): Promise<{ why: Awaited<ReturnType<typeof sendClaimed>>; over?: boolean; comesBackAt?: number | undefined }> {
  const { deliveryKey, settings } = job.revision;
  let comesBackAt: number | undefined;
  const putOff = (until: number): void => void (comesBackAt = until);
  const why = await sendClaimed(dependencies, { ...job, ...own, sending: settings.sending, putOff });
  if (why === 'fenced') {
    dependencies.log.warn({ deliveryKey, batch: job.range.number }, 'another attempt has taken this batch over');
    return { why };
  }
  const over = await countRun(dependencies, job.revision, job.range, begun);
  const copies = await sendCopies(dependencies, { ...job, validUntil: copiesUntil });
  // A pause that came between the two must bring the workflow back here.
  return { why: why === 'done' ? copies : why, over, comesBackAt };
}
