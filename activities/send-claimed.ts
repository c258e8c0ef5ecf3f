import { setTimeout as delay } from 'node:timers/promises';
import type { SendingSettings } from '../src/delivery/definition.js';
import { isRecipientFault, type RenderedMessage } from '../src/mime/compile-revision.js';
import {
  claimMessages,
  settleMessages,
  type BatchKey,
  type Claim,
  type ClaimedMessage,
  type Settlement,
} from '../src/store/claims.js';
import type { Dependencies, Relay } from './dependencies.js';
import { RelayUnavailableError, SealBrokenError, WorkerDrainingError } from './failures.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { settlementOf } from './settlement.js';

export interface ClaimedSending {
  revision: CompiledRevision;
  relay: Relay;
  batch: BatchKey & { epoch: number };
  range: { from: number; to: number };
  sending: SendingSettings;
  /** The time that decides what is due, in milliseconds since the epoch. */
  decisionTime: () => number;
  validUntil: number;
  /** Called after each group; throws when the activity has been cancelled. */
  progress: (settled: number) => void;
}

/** Groups without a single message taken after which the relay counts as down and Temporal's retry takes over. */
const faultsTolerated = 5;

/** How long a result waits for the database to come back: 60 s. */
const settleRetries = 120;
const settleRetryMs = 500;

/** Batches that a worker runs at once; together they claim what its connections can carry. */
export const batchesPerWorker = 2;

/**
 * Sends what can be claimed of a batch, group by group, until a claim comes back empty. One group is in flight, the
 * next is claimed and the last is being settled meanwhile: at a kill at most three groups are in doubt.
 *
 * @throws SealBrokenError naming the sequence number; RelayUnavailableError; WorkerDrainingError — with everything that
 *   was claimed settled
 */
export async function sendClaimed(dependencies: Dependencies, job: ClaimedSending): Promise<void> {
  await new ClaimedRun(dependencies, job).run();
}

class ClaimedRun {
  private settling: Promise<void> = Promise.resolve();
  private prefetched: Promise<Claim> | undefined;
  /** Groups in a row of which the relay took nothing. */
  private faults = 0;

  constructor(
    private readonly dependencies: Dependencies,
    private readonly job: ClaimedSending,
  ) {}

  async run(): Promise<void> {
    const { job, dependencies } = this;
    let settled = 0;
    try {
      for (;;) {
        const { messages, taken } = await this.nextClaim();
        if (taken === 0) break;
        settled += await this.send(messages);
        job.progress(settled);
      }
      await this.settling;
    } catch (error) {
      // Temporal begins the next attempt at once, and its fence would put in doubt what is not written yet.
      await Promise.allSettled([this.settling, this.release()]);
      throw error;
    }
    if (dependencies.draining.aborted) throw new WorkerDrainingError();
  }

  private async send(messages: ClaimedMessage[]): Promise<number> {
    const { job, dependencies } = this;
    const group = renderGroup(job, messages);
    if (group.broken !== undefined) {
      await this.settle(messages.map(putBack));
      throw new SealBrokenError(group.broken);
    }
    // While the relay fails nothing is claimed ahead: it would only have to be put back.
    if (this.faults === 0) this.prefetched = handled(this.claim());
    const { settlements, relayDown } = await sendGroup(job, group.rendered);
    await this.settling;
    this.settling = handled(this.settle(settlements));
    if (!relayDown) this.faults = 0;
    else {
      this.faults += 1;
      await this.settling;
      await this.release();
      if (this.faults >= faultsTolerated) throw new RelayUnavailableError();
      await delay(1_000 * this.faults, undefined, { signal: dependencies.draining }).catch(() => undefined);
    }
    return settlements.length;
  }

  private async nextClaim(): Promise<Claim> {
    const claim = this.prefetched ?? this.claim();
    this.prefetched = undefined;
    return await claim;
  }

  private async claim(): Promise<Claim> {
    const { job, dependencies } = this;
    const now = job.decisionTime();
    if (dependencies.draining.aborted || now > job.validUntil) return { messages: [], taken: 0 };
    const limit = Math.max(1, Math.floor(job.relay.connections / batchesPerWorker));
    return await claimMessages(dependencies.database, job.batch, job.range, { limit, now });
  }

  /** Puts back what was claimed ahead and never begun. */
  private async release(): Promise<void> {
    const claim = this.prefetched;
    this.prefetched = undefined;
    if (claim) await this.settle((await claim).messages.map(putBack));
  }

  /**
   * What the relay said must not be lost with a database that restarts: without it the messages would be in doubt.
   * Safe to repeat, for a row is settled only while it is `sending`.
   */
  private async settle(settlements: Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    for (let failures = 0; ; failures += 1) {
      try {
        await settleMessages(this.dependencies.database, this.job.batch, settlements);
        return;
      } catch (error) {
        if (failures >= settleRetries) throw error;
        await delay(settleRetryMs);
      }
    }
  }
}

/** A promise that is awaited later: its rejection must not end the process before. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

interface Group {
  rendered: { claimed: ClaimedMessage; message: RenderedMessage }[];
  /** Sequence number of a message that is not what was sealed. */
  broken?: number;
}

function renderGroup({ revision, batch }: ClaimedSending, messages: readonly ClaimedMessage[]): Group {
  const group: Group = { rendered: [] };
  for (const claimed of messages) {
    try {
      const message = revision.render({ ...claimed, proof: batch.proof, date: claimed.firstClaimedAt });
      const sealed = batch.proof > 0 || claimed.leaf?.equals(message.leaf);
      if (!sealed) return { ...group, broken: claimed.seq };
      group.rendered.push({ claimed, message });
    } catch (error) {
      // It was rendered when it was sealed: that it cannot be now means that something was changed since.
      if (isRecipientFault(error)) return { ...group, broken: claimed.seq };
      throw error;
    }
  }
  return group;
}

async function sendGroup(
  job: ClaimedSending,
  group: Group['rendered'],
): Promise<{ settlements: Settlement[]; relayDown: boolean }> {
  // Killed from here on, a message stays `sending` in the ledger and the next fence puts it in doubt.
  const results = await Promise.all(group.map(({ message }) => job.relay.pool.send(message.envelope, message.bytes)));
  const relayDown = results.length > 0 && results.every((result) => 'relayFault' in result);
  const terms = {
    proof: job.batch.proof > 0,
    sending: job.sending,
    now: job.decisionTime(),
    validUntil: job.validUntil,
    relayDown,
  };
  const settlements = results.flatMap((result, index) => {
    const claimed = group[index]?.claimed;
    return claimed ? [settlementOf(result, claimed, terms)] : [];
  });
  return { settlements, relayDown };
}

function putBack({ seq }: { seq: number }): Settlement {
  return { seq, status: 'pending', settledAt: Date.now() };
}
