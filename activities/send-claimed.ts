import { setTimeout as delay } from 'node:timers/promises';
import { fileCharacters, type SendingSettings } from '../src/delivery/definition.js';
import { signMessage } from '../src/mime/dkim-signature.js';
import type { KeepMessage } from '../src/archive/message-archive.js';
import type { Envelope, TransactionResult } from '../src/smtp/transaction.js';
import { putOff, whyNothing, type BatchKey, type ClaimedMessage, type Settlement } from '../src/store/claims.js';
import { BatchLanes } from './batch-lanes.js';
import { CommitPace } from './commit-pace.js';
import { DeliveryPermits } from './delivery-permits.js';
import type { Dependencies, Relay } from './dependencies.js';
import { RelayUnavailableError, WorkerDrainingError } from './failures.js';
import type { Lane } from './lane.js';
import { LedgerExchange, type Look } from './ledger-exchange.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import type { RelayLanes } from './message-lanes.js';
import { renderClaimed, type ReadyMessage } from './render-claimed.js';
import { settlementOf } from './settlement.js';

export interface ClaimedSending {
  revision: CompiledRevision;
  relay: Relay;
  /** Over which lane each message leaves; without it all of them leave over the relay's own connections. */
  lanes?: RelayLanes | undefined;
  batch: BatchKey & { epoch: number };
  range: { from: number; to: number };
  sending: SendingSettings;
  /** The time that decides what is due, in milliseconds since the epoch. */
  decisionTime: () => number;
  validUntil: number;
  /** Of copies: where each of them goes in place of the sealed recipient. */
  readdress?: (sealed: Envelope) => Envelope;
  /** Keeps what the relay took in the worker's archive. */
  keep?: KeepMessage | undefined;
  /** Called again and again with how many messages the relay had an answer for; throws when the activity has been cancelled. */
  progress: (answered: number) => void;
  /** Called where messages were put off, with the time of the first of them, in milliseconds since the epoch. */
  putOff?: (until: number) => void;
}

/** Times that the relay may take nothing at all before the attempt ends and Temporal's retry takes over. */
const faultsTolerated = 5;

/** Bytes of files that the messages of a batch hold at once, each its own: many large ones would fill a worker's memory. */
const mostFileBytes = 32 * 1024 * 1024;

/**
 * Sends what can be claimed of a batch until nothing is left. A window rolls over it, three times as wide as there are
 * connections: what is under way, what waits for a connection, and what is answered and not committed (see
 * {@link CommitPace}). At a kill all of it is in doubt.
 *
 * @returns why it ended: nothing more is due, the control row says so, or another attempt has taken the batch over
 * @throws SealBrokenError naming the sequence number; RelayUnavailableError; WorkerDrainingError — with everything that
 *   was claimed settled
 */
export async function sendClaimed(
  dependencies: Dependencies,
  job: ClaimedSending,
): Promise<Awaited<ReturnType<typeof whyNothing>>> {
  return await new ClaimedRun(dependencies, job).run();
}

class ClaimedRun {
  private readonly pace: CommitPace;
  private readonly ledger: LedgerExchange;
  private readonly general: Look;
  private readonly lanes: BatchLanes;
  /** By the delivery's own rate, which concerns its recipients. */
  private readonly permits: DeliveryPermits | undefined;
  /** Messages that may be rendered and not answered. */
  private readonly mostRendered: number;
  private ready: ReadyMessage[] = [];
  /** Handed over, or waiting until it is known to which lane. */
  private underWay = 0;
  /** Messages for which a relay had an answer of its own; of those, that no lane had. */
  private answered = 0;
  private readonly relaySide = { answered: 0 };
  /** Messages in a row to which the relay itself was the obstacle. */
  private faults = 0;
  /** Times in a row that we waited for the relay. */
  private waits = 0;
  private defect: Error | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** On the monotonic clock. */
  private wakesAt = Infinity;
  /** While it gathers. */
  private wake: (() => void) | undefined;

  constructor(
    private readonly dependencies: Dependencies,
    private readonly job: ClaimedSending,
  ) {
    const { batch, range, relay, revision, sending, lanes } = job;
    // A person waits for a proof.
    const priority = batch.proof > 0 ? 'high' : (sending.priority ?? 'normal');
    this.pace = new CommitPace(relay.connections);
    this.ledger = new LedgerExchange(dependencies.ledger, batch, range, this.pace);
    this.general = this.ledger.look(relay.budget.of(priority), false);
    this.lanes = new BatchLanes(this.ledger, this.general, lanes);
    const { database, log } = dependencies;
    this.permits = batch.proof === 0 ? new DeliveryPermits(database, batch.deliveryKey, log) : undefined;
    this.mostRendered = Math.max(1, Math.floor(mostFileBytes / fileCharacters(revision.content)));
  }

  async run(): ReturnType<typeof sendClaimed> {
    let why: Awaited<ReturnType<typeof sendClaimed>>;
    try {
      why = await this.sendAll();
    } finally {
      // However it ends: the next attempt's fence would put in doubt what is not written yet.
      await this.letGo().finally(() => this.ledger.close());
      await this.permits?.close();
    }
    // It came while the last messages were seen through.
    if (this.defect) throw this.defect;
    return why;
  }

  private async sendAll(): ReturnType<typeof sendClaimed> {
    const { dependencies, job, ledger } = this;
    for (;;) {
      job.progress(this.answered);
      if (this.defect) throw this.defect;
      if (dependencies.draining.aborted) throw new WorkerDrainingError();
      if (this.faults >= job.relay.connections) await this.waitForRelay();
      const now = job.decisionTime();
      const valid = now <= job.validUntil;
      const why = await this.claim(valid, now);
      if (why !== 'done') return why;
      if (!valid) this.putReadyBack();
      this.feed();
      if (ledger.holding === 0 && (!valid || (this.general.exhausted && this.lanes.finished))) {
        if (valid) this.tellPutOff(await this.lanes.putOff(dependencies.database, job.batch, job.range, now));
        return 'done';
      }
      if (ledger.holding === 0 && (await this.isPutOff(now))) return 'done';
      await this.gather();
    }
  }

  /** Claims what there is room for; results are written on the way. @returns why there is nothing to claim */
  private async claim(valid: boolean, now: number): ReturnType<typeof sendClaimed> {
    const { ledger } = this;
    if (!valid) this.ready.push(...this.renderAll(await ledger.exchange(now)));
    for (const look of valid ? [this.general, ...this.lanes.looks] : []) {
      const lookedThrough = look.exhausted;
      const permitted = (await this.permits?.room()) ?? Infinity;
      const room = Math.max(0, this.mostRendered - (ledger.holding - ledger.unwritten));
      const claimed = await ledger.exchange(now, look, Math.min(permitted, room));
      this.permits?.use(claimed.length);
      this.ready.push(...this.renderAll(claimed));
      if (look.exhausted && !lookedThrough) {
        const why = await whyNothing(this.dependencies.database, this.job.batch);
        if (why !== 'done') return why;
      }
      this.feed();
    }
    return 'done';
  }

  /** @returns whether the delivery's permits come so late that the batch ends, and comes back for them */
  private async isPutOff(now: number): Promise<boolean> {
    const plan = this.permits?.plan;
    if (!plan) return false;
    const { inMs, ...permits } = plan;
    const { batch, range } = this.job;
    this.tellPutOff(await putOff(this.dependencies.database, batch, range, { now, until: now + inMs, permits }));
    return true;
  }

  private tellPutOff(until = Infinity): void {
    if (until < Infinity) this.job.putOff?.(until);
  }

  /** Hands messages to connections, where the next one's envelope rides on the message before it. */
  private feed(): void {
    while (!this.defect && this.faults < this.job.relay.connections) {
      const next = this.ready.shift();
      if (!next) return;
      const lane = this.lanes.find(next.claimed);
      if (lane instanceof Promise) void this.afterAsking(lane, next);
      else if (!lane || this.ledger.moveTo(lane, next.claimed)) void this.send(next, lane);
      else this.ledger.putBack([next.claimed]);
    }
  }

  /** DNS says which lane it is, and the others do not wait for that. */
  private async afterAsking(asked: Promise<void>, message: ReadyMessage): Promise<void> {
    this.underWay += 1;
    await asked;
    this.underWay -= 1;
    this.ready.push(message);
    this.feed();
    this.heard();
  }

  private async send({ claimed, message }: ReadyMessage, lane: Lane | undefined): Promise<void> {
    this.underWay += 1;
    const side = lane ?? this.relaySide;
    const answeredBefore = side.answered;
    const { relay, readdress, keep } = this.job;
    let result: TransactionResult | undefined;
    try {
      const bytes = await signMessage(this.dependencies.dkimKeys, message);
      // Killed from here on, a message stays `sending` in the ledger and the next fence puts it in doubt.
      result = await (lane ?? relay.pool).send(readdress?.(message.envelope) ?? message.envelope, bytes);
      // Before the result can reach the ledger: what is sent there has its file.
      if (keep && result?.outcome === 'sent') await keep(claimed.seq, bytes);
      // The lane's lease has run out meanwhile.
      if (!result) this.ledger.putBack([claimed]);
    } catch (error) {
      this.defect = error instanceof Error ? error : new Error(String(error));
      // A pool that was closed under us: nothing was begun. Where the archive fails, the relay's answer counts.
      if (!result) this.ledger.putBack([claimed]);
    }
    if (result) {
      this.ledger.add(this.settle(claimed, result, side, answeredBefore));
    }
    this.underWay -= 1;
    this.feed();
    this.heard();
  }

  private settle(
    claimed: ClaimedMessage,
    result: TransactionResult,
    side: { answered: number },
    answeredBefore: number,
  ): Settlement {
    const { job } = this;
    // A relay that takes messages and does not say so is one that fails: it must not get all the others as well.
    const fault = 'relayFault' in result || result.outcome === 'in-doubt';
    // A lane that fails is held by its bucket.
    if (side === this.relaySide) {
      this.faults = fault ? this.faults + 1 : 0;
      if (!fault) this.waits = 0;
    }
    if (!fault) {
      this.answered += 1;
      side.answered += 1;
    }
    return settlementOf(result, claimed, {
      proof: job.batch.proof > 0,
      sending: job.sending,
      now: job.decisionTime(),
      validUntil: job.validUntil,
      // Where others were answered meanwhile, the fault may be this message's own doing.
      relayDown: fault && side.answered === answeredBefore,
    });
  }

  /** Waits until it is worth while to commit, or nothing comes back for a while: look again. */
  private async gather(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.wakesAt = Infinity;
      this.heard();
    });
    clearTimeout(this.timer);
    this.wake = undefined;
  }

  /** What has come may shorten the wait. */
  private heard(): void {
    if (!this.wake) return;
    const patience = this.patience();
    if (patience === 0) return this.wake();
    const wakesAt = performance.now() + patience;
    if (wakesAt >= this.wakesAt) return;
    this.wakesAt = wakesAt;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.wake, patience);
  }

  /** @returns in milliseconds */
  private patience(): number {
    const { holding, unwritten } = this.ledger;
    // Nothing else comes. Where nothing is held either, another batch has all that may be claimed.
    if (this.underWay === 0) return holding > 0 ? 0 : 50;
    return unwritten > 0 ? this.pace.waitMs(unwritten) : 1_000;
  }

  /** All of a claim is compared with what was sealed before any of it leaves. */
  private renderAll(messages: readonly ClaimedMessage[]): ReadyMessage[] {
    try {
      return renderClaimed(this.job.revision.render, this.job.batch, messages);
    } catch (error) {
      this.ledger.putBack(messages);
      throw error;
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

  private putReadyBack(): void {
    this.ledger.putBack(this.ready.splice(0).map(({ claimed }) => claimed));
  }

  /** Sees through what is under way, and puts back what was claimed and not begun. */
  private async letGo(): Promise<void> {
    for (;;) {
      this.putReadyBack();
      const failure = await this.ledger.exchange(0).then(
        () => undefined,
        (error: Error) => error,
      );
      // Without a database too: what is in the pool would be sent beside the next attempt's copy.
      if (this.underWay === 0 && failure) throw failure;
      if (this.underWay === 0 && this.ledger.unwritten === 0) return;
      await this.gather();
    }
  }
}
