import type { Batch } from '../src/delivery/batch.js';
import { fenceBatch } from '../src/store/claims.js';
import { recordBrokenSeal } from '../src/store/progress.js';
import { decisionClock } from './decision-time.js';
import type { Dependencies } from './dependencies.js';
import { RelayUnknownError, SealBrokenError } from './failures.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { sendClaimed } from './send-claimed.js';

export interface SendBatchInput {
  deliveryId: string;
  batch: Batch;
  /** Milliseconds since the epoch, both. */
  validUntil: number;
  now: number;
}

/**
 * Step 4: sends what is due in a range of the sealed messages. What an attempt that died left behind is fenced first.
 *
 * @returns `done` when nothing more is due here, or what the control row said
 */
export async function sendBatch(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { batch: range, validUntil, now }: SendBatchInput,
): Promise<{ ended: 'done' | 'paused' | 'stopped' }> {
  const { database, relays, log } = dependencies;
  const { settings, deliveryKey } = revision;
  const decisionTime = decisionClock(now);
  const relay = relays.get(settings.relay);
  if (!relay) throw new RelayUnknownError();
  return await heartbeating(async (beat) => {
    const key = { deliveryKey, proof: 0, number: range.number };
    const batch = { ...key, epoch: await fenceBatch(database, key, range, settings.sending.inDoubt) };
    try {
      const why = await sendClaimed(dependencies, {
        revision,
        relay,
        batch,
        range,
        sending: settings.sending,
        decisionTime,
        validUntil,
        progress: (settled) => beat({ settled }),
      });
      if (why === 'fenced') log.warn({ deliveryKey, batch: range.number }, 'another attempt has taken this batch over');
      return { ended: why === 'pause' ? 'paused' : why === 'stop' ? 'stopped' : 'done' };
    } catch (error) {
      if (!(error instanceof SealBrokenError)) throw error;
      await recordBrokenSeal(database, deliveryKey, error.seq);
      log.error({ deliveryKey, seq: error.seq }, 'seal broken: the delivery was stopped');
      return { ended: 'stopped' };
    }
  });
}
