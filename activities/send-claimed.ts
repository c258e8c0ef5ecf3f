import { setTimeout as delay } from 'node:timers/promises';
import type { SendingSettings } from '../src/delivery/definition.js';
import { isRecipientFault, type RenderedMessage } from '../src/mime/compile-revision.js';
import { signMessage } from '../src/mime/dkim-signature.js';
import { claimMessages, type BatchKey, type Claim, type ClaimedMessage, type Settlement } from '../src/store/claims.js';
import type { Dependencies, Relay } from './dependencies.js';
import { RelayUnavailableError, SealBrokenError, WorkerDrainingError } from './failures.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { settlementOf } from './settlement.js';
import { SettlementQueue } from './settlement-queue.js';

export interface ClaimedSending {
  revision: CompiledRevision;
  relay: Relay;
  batch: BatchKey & { epoch: number };
  range: { from: number; to: number };
  sending: SendingSettings;
  /** The time that decides what is due, in milliseconds since the epoch. */
  decisionTime: () => number;
  validUntil: number;
  /** Called before each message; throws when the activity has been cancelled. */
  progress: (settled: number) => void;
}

/** Times that the relay may take nothing at all before the attempt ends and Temporal's retry takes over. */
const faultsTolerated = 5;

/** Batches that a worker runs at once; together they use the connections that it has. */
export const batchesPerWorker = 2;

/**
 * Sends what can be claimed of a batch until a claim comes back empty. A window rolls over the batch: as many messages
 * are under way as there are connections, as many claimed and not begun, as many answered and not written. At a kill
 * those are in doubt, three times the connections at the most.
 *
 * @throws SealBrokenError naming the sequence number; RelayUnavailableError; WorkerDrainingError — with everything that
 *   was claimed settled
 */
export async function sendClaimed(dependencies: Dependencies, job: ClaimedSending): Promise<void> {
  await new ClaimedRun(dependencies, job).run();
}

interface ReadyMessage {
  claimed: ClaimedMessage;
  message: RenderedMessage;
}

class ClaimedRun {
  /** Messages of each of the three kinds. */
  private readonly width: number;
  private readonly results: SettlementQueue;
  private readonly underWay = new Set<Promise<void>>();
  private ready: ReadyMessage[] = [];
  private prefetched: Promise<Claim> | undefined;
  /** Messages for which the relay had an answer of its own. */
  private answered = 0;
  /** Messages in a row that did not get past the relay's door. */
  private faults = 0;
  /** Times in a row that we waited for the relay. */
  private waits = 0;
  /** Something was put back since the last claim, and must be claimed again. */
  private putSomeBack = false;
  private settled = 0;

  constructor(
    private readonly dependencies: Dependencies,
    private readonly job: ClaimedSending,
  ) {
    this.width = Math.max(1, Math.floor(job.relay.connections / batchesPerWorker));
    this.results = new SettlementQueue(dependencies.database, job.batch);
  }

  async run(): Promise<void> {
    try {
      while (await this.claimMore()) {
        for (let next = this.ready.shift(); next; next = this.ready.shift()) await this.begin(next);
      }
    } finally {
      // However it ends: the next attempt's fence would put in doubt what is not written yet.
      await this.letGo();
    }
    if (this.dependencies.draining.aborted) throw new WorkerDrainingError();
  }

  /** @returns false when nothing is left that can be claimed */
  private async claimMore(): Promise<boolean> {
    const claim = this.prefetched ?? this.claim();
    this.prefetched = undefined;
    const { messages, taken } = await claim;
    this.ready = this.renderAll(messages);
    if (taken > 0) return true;
    // What is under way may still be put back.
    await this.settleUnderWay();
    if (!this.putSomeBack) return false;
    this.putSomeBack = false;
    return true;
  }

  private async begin({ claimed, message }: ReadyMessage): Promise<void> {
    const { job } = this;
    try {
      await this.roomForOne();
      if (this.faults >= this.width) {
        this.putBack([claimed]);
        return await this.waitForRelay();
      }
      job.progress(this.settled);
    } catch (error) {
      this.putBack([claimed]);
      throw error;
    }
    // Claimed ahead only when the last one begins, and not while the relay fails: it would have to be put back.
    if (this.ready.length === 0 && this.faults === 0) this.prefetched = handled(this.claim());
    const work = handled(this.send(claimed, message).finally(() => this.underWay.delete(work)));
    this.underWay.add(work);
  }

  /** All of a claim is compared with what was sealed before any of it leaves. */
  private renderAll(messages: readonly ClaimedMessage[]): ReadyMessage[] {
    try {
      return messages.map((claimed) => {
        const message = this.render(claimed);
        if (!message) throw new SealBrokenError(claimed.seq);
        return { claimed, message };
      });
    } catch (error) {
      this.putBack(messages);
      throw error;
    }
  }

  /** @returns undefined when it is not what was sealed */
  private render(claimed: ClaimedMessage): RenderedMessage | undefined {
    const { revision, batch } = this.job;
    try {
      const message = revision.render({ ...claimed, proof: batch.proof, date: claimed.firstClaimedAt });
      return batch.proof > 0 || claimed.leaf?.equals(message.leaf) ? message : undefined;
    } catch (error) {
      // It was rendered when it was sealed: that it cannot be now means that something was changed since.
      if (isRecipientFault(error)) return undefined;
      throw error;
    }
  }

  private async send(claimed: ClaimedMessage, message: RenderedMessage): Promise<void> {
    const { job } = this;
    const bytes = await signMessage(this.dependencies.dkimKeys, message);
    const answeredBefore = this.answered;
    // Killed from here on, a message stays `sending` in the ledger and the next fence puts it in doubt.
    const result = await job.relay.pool.send(message.envelope, bytes);
    const fault = 'relayFault' in result;
    this.faults = fault ? this.faults + 1 : 0;
    if (!fault) {
      this.answered += 1;
      this.waits = 0;
    }
    const settlement = settlementOf(result, claimed, {
      proof: job.batch.proof > 0,
      sending: job.sending,
      now: job.decisionTime(),
      validUntil: job.validUntil,
      // Where others were answered meanwhile, the fault may be this message's own doing.
      relayDown: fault && this.answered === answeredBefore,
    });
    if (settlement.status === 'pending') this.putSomeBack = true;
    this.results.add([settlement]);
    this.settled += 1;
  }

  private async roomForOne(): Promise<void> {
    while (this.underWay.size >= this.width || this.underWay.size + this.results.unwritten >= 2 * this.width) {
      const written = this.results.written();
      await Promise.race(written ? [...this.underWay, written] : this.underWay);
    }
  }

  /** @throws RelayUnavailableError when it has been waited for often enough */
  private async waitForRelay(): Promise<void> {
    await this.letGo();
    this.waits += 1;
    if (this.waits >= faultsTolerated) throw new RelayUnavailableError();
    await delay(1_000 * this.waits, undefined, { signal: this.dependencies.draining }).catch(() => undefined);
    this.faults = 0;
  }

  private async claim(): Promise<Claim> {
    const { job, dependencies, width } = this;
    const now = job.decisionTime();
    if (dependencies.draining.aborted || now > job.validUntil) return { messages: [], taken: 0 };
    return await claimMessages(dependencies.database, job.batch, job.range, { limit: width, now });
  }

  private putBack(messages: readonly ClaimedMessage[]): void {
    this.putSomeBack = true;
    this.results.add(messages.map(({ seq }): Settlement => ({ seq, status: 'pending', settledAt: Date.now() })));
  }

  /** Sees through what is under way, and puts back what was claimed and not begun. */
  private async letGo(): Promise<void> {
    this.putBack(this.ready.splice(0).map(({ claimed }) => claimed));
    const prefetched = this.prefetched;
    this.prefetched = undefined;
    // A claim that failed is reported by whoever needs it; here it only has nothing to put back.
    if (prefetched) this.putBack(await prefetched.then(({ messages }) => messages).catch(() => []));
    await this.settleUnderWay();
  }

  private async settleUnderWay(): Promise<void> {
    await Promise.all(this.underWay);
    await this.results.written();
  }
}

/** A promise that is awaited later: its rejection must not end the process before. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
