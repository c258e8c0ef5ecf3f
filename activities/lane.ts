import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { NotBegunError } from '../src/smtp/connection-pool.js';
import type { ConnectionShare } from '../src/smtp/connection-share.js';
import type { RelayOpener } from '../src/smtp/open-pool.js';
import { connectionsOf } from '../src/smtp/relay-url.js';
import type { MailPool } from '../src/smtp/routed-pool.js';
import type { MxRule } from '../src/smtp/rules/mx-rules.js';
import { observe, pacing, type Observed } from '../src/smtp/rules/pace.js';
import { routeUnderRule } from '../src/smtp/rules/under-rule.js';
import { defaultTransactionTimeouts, type Envelope, type TransactionResult } from '../src/smtp/transaction.js';
import type { Database } from '../src/store/database.js';
import { holderName } from '../src/store/lanes.js';
import { exchangeBucket, slotLeaseMs, type BucketAnswer } from '../src/store/sending-buckets.js';
import { describeForLog } from './failures.js';
import type { MessageBudget } from './claim-budget.js';
import { PermitLease, permitPatienceMs } from './permit-lease.js';

/** How often what a lane has seen is told, and what it uses is leased anew. */
const exchangeMs = 1_000;
/** The same while it has no connection: one that another process gives up must not lie idle. */
const waitingMs = 500;
/** Without anybody who asks for so long, nothing is kept from others. */
const idleMs = 200;
/** How long the batches of a process wait for a connection before their messages are put off, and for how long they are. */
const connectionPatienceMs = 5_000;
const withoutConnectionMs = 1_000;
/**
 * A process leases so many parts of what its connections may use in a period: one that leases little at a time waits for
 * Postgres again and again, and one that dies with much takes it from the others.
 */
const leasesPerPeriod = 4;

/** Why messages cannot leave over a lane for a while, and how those are spread that are put off. */
export interface LaneHold {
  inMs: number;
  periodMs: number;
  perPeriod: number;
  /** Of the bucket's permits; absent where it is no matter of permits. */
  period?: number;
}

const nothingObserved = (): Observed => ({ sent: 0, slowed: 0, failedSince: 0 });

/**
 * The connections of one process over one relay to where one rule is for. What it may use is leased from the rule's
 * bucket, which all processes share; between two exchanges it decides by itself, and never by more than it has leased.
 */
export class Lane implements MessageBudget {
  readonly bucket: string;
  /** Messages for which the relay had an answer of its own. */
  answered = 0;
  readonly #holder = holderName(hostname(), process.pid, randomUUID());
  readonly #pool: MailPool;
  /** Of the connections that are leased. */
  readonly #share: ConnectionShare;
  readonly #permits = new PermitLease();
  readonly #most: number;
  #observed = nothingObserved();
  /** Failures in a row before what is observed now, of all workers as far as the bucket has told. */
  #failedBefore = 0;
  /** Messages that are claimed and not settled, and how many of those the relay has been told of and not answered. */
  #claimed = 0;
  #begun = 0;
  /** Batches that have messages left to claim for it. */
  #waiting = 0;
  #connections = 0;
  /** All four on the monotonic clock. */
  #leasedUntil = 0;
  #heldUntil = 0;
  #askedAt = 0;
  #withoutSince = Infinity;
  /** The bucket keeps nothing for us. */
  #released = true;
  #exchanging: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly rule: MxRule,
    private readonly periodMs: number,
    relay: RelayOpener,
    private readonly database: Database,
    private readonly log: Logger,
  ) {
    this.bucket = `rule:${rule.name}`;
    this.#most = rule.connections ?? connectionsOf(relay.route);
    const { open, envelope, message } = rule.timeouts ?? {};
    this.#share = relay.share(0);
    this.#pool = relay.open(routeUnderRule(relay.route, rule), {
      share: this.#share,
      maxWaiting: 4 * this.#most,
      ...(open !== undefined && { openTimeout: open }),
      timeouts: {
        envelope: envelope ?? defaultTransactionTimeouts.envelope,
        message: message ?? defaultTransactionTimeouts.message,
      },
    });
  }

  /**
   * Milliseconds until something may leave, where that is known to take a while, and how to spread what is put off.
   *
   * @param patience - permits that come within so many milliseconds are waited for
   */
  hold(patience = permitPatienceMs): LaneHold | undefined {
    const now = performance.now();
    const { plan } = this.#permits;
    if (now < this.#heldUntil) return { inMs: this.#heldUntil - now, periodMs: 0, perPeriod: Infinity };
    if (this.#permits.outFor > 0 && plan) return plan.inMs < patience ? undefined : plan;
    if (now - this.#withoutSince < connectionPatienceMs) return undefined;
    return { inMs: withoutConnectionMs, periodMs: 0, perPeriod: Infinity };
  }

  reserve(freed: number, most = Infinity): number {
    const room = Math.max(0, Math.min(most, this.#room(freed)));
    this.#claimed += room;
    return room;
  }

  release(messages: number): void {
    this.#claimed -= messages;
  }

  begin(): void {
    this.#waiting += 1;
  }

  end(): void {
    this.#waiting -= 1;
    // Others may need the permits that are left.
    if (this.#waiting === 0) this.#soon(idleMs);
  }

  /** @returns undefined where it was not begun, so that it must be put back */
  async send(envelope: Envelope, bytes: Buffer): Promise<TransactionResult | undefined> {
    let begun = false;
    // Asked more than once of a message that its first connection or address did not get.
    const mayBegin = (): boolean => {
      if (!this.#mayBegin()) return false;
      if (!begun) this.#begun += 1;
      begun = true;
      return true;
    };
    try {
      const result = await this.#pool.send(envelope, bytes, mayBegin);
      this.#note(result);
      return result;
    } catch (error) {
      if (error instanceof NotBegunError) return undefined;
      throw error;
    } finally {
      if (begun) this.#begun -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#pool.close();
    await this.#exchanging;
    // A lease that cannot be given up ends by itself.
    await this.#exchange().catch(() => undefined);
  }

  async abort(): Promise<void> {
    await this.#pool.abort();
  }

  /** Three messages a connection: under way, waiting for one, or answered and not committed. */
  #room(freed: number): number {
    this.#askedAt = performance.now();
    const { messagesPerHour } = this.rule;
    const free = 3 * this.#connections - this.#claimed + freed;
    const unbegun = Math.max(0, this.#claimed - freed - this.#begun);
    const permitted = messagesPerHour === undefined ? Infinity : this.#permits.left - unbegun;
    // Before they are used up: nobody waits for Postgres then.
    const few = permitted < Math.max(this.#connections, this.#chunk() / 2) && this.#permits.outFor === 0;
    if (this.#askedAt >= this.#leasedUntil || (few && this.#connections > 0)) this.#soon(0);
    if (this.#askedAt < this.#heldUntil || this.#failedInRow() >= pacing.failures) return 0;
    return Math.min(free, permitted);
  }

  #failedInRow(): number {
    const { sent, failedSince } = this.#observed;
    return (sent > 0 ? 0 : this.#failedBefore) + failedSince;
  }

  #mayBegin(): boolean {
    const now = performance.now();
    if (now >= this.#leasedUntil || now < this.#heldUntil) return false;
    if (this.rule.messagesPerHour !== undefined && !this.#permits.use()) return false;
    return true;
  }

  #note(result: TransactionResult): void {
    const what = observe(result);
    const observed = this.#observed;
    if (what === undefined) return;
    if (what === 'sent') {
      observed.sent += 1;
      observed.failedSince = 0;
      return;
    }
    observed.failedSince += 1;
    if (what === 'slowed') observed.slowed += 1;
    const reply = result.outcome === 'in-doubt' ? result.detail : result.reply;
    if (reply !== undefined) observed.reply = reply;
    if (this.#failedInRow() >= pacing.failures) this.#soon(0);
  }

  #soon(ms: number): void {
    if (this.#exchanging || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#exchanging = this.#exchange()
        .catch((error: Error) => this.#goWithout(error))
        .finally(() => {
          this.#exchanging = undefined;
          if (this.#isUsed()) this.#soon(this.#connections > 0 ? exchangeMs : waitingMs);
          // Until the bucket knows that nothing is open.
          else if (!this.#released) this.#soon(idleMs);
        });
    }, ms);
  }

  #isUsed(): boolean {
    return !this.#closed && (this.#claimed + this.#waiting > 0 || performance.now() - this.#askedAt < idleMs);
  }

  /** @throws Error of the database; what is leased holds until its time */
  async #exchange(): Promise<void> {
    const askedAt = performance.now();
    const observed = this.#observed;
    const failedBefore = this.#failedBefore;
    this.#failedBefore = this.#failedInRow();
    this.#observed = nothingObserved();
    const used = this.#isUsed();
    const { messagesPerHour } = this.rule;
    // Without a connection, permits are of no use here, and of some to others.
    const wanted =
      used && this.#connections > 0 ? Math.max(0, this.#chunk() - this.#permits.left) : -this.#permits.take();
    if (!used) this.#limit(0);
    const open = this.#share.occupied;
    this.#released = false;
    try {
      const answer = await exchangeBucket(this.database, {
        bucket: this.bucket,
        rule: { ...this.rule, periodMs: this.periodMs },
        observed,
        ...(messagesPerHour !== undefined && {
          permits: {
            rate: { messages: messagesPerHour, perMs: 3_600_000 },
            periodMs: this.periodMs,
            wanted,
            ofPeriod: this.#permits.period,
          },
        }),
        connections: {
          limit: this.rule.connections,
          holder: this.#holder,
          wanted: used ? this.#most : 0,
          open,
        },
      });
      this.#released = !used && open === 0;
      this.#take(answer, askedAt, used);
    } catch (error) {
      this.#observed = merged(observed, this.#observed);
      this.#failedBefore = failedBefore;
      throw error;
    }
  }

  /** Permits to have: others must not find all of them leased, nor one without a connection keep any. */
  #chunk(): number {
    const { messagesPerHour = 0 } = this.rule;
    const perPeriod = this.#permits.plan?.perPeriod ?? (messagesPerHour * this.periodMs) / 3_600_000;
    const part = (perPeriod * this.#connections) / this.#most / leasesPerPeriod;
    return Math.max(this.#connections, Math.floor(part));
  }

  #take({ failures, heldFor, permits, connections = 0 }: BucketAnswer, askedAt: number, used: boolean): void {
    const now = performance.now();
    this.#failedBefore = failures;
    this.#heldUntil = heldFor > 0 ? now + heldFor : 0;
    this.#leasedUntil = used ? askedAt + slotLeaseMs : 0;
    if (permits) this.#permits.add(permits, askedAt, this.periodMs);
    if (connections > 0 || !used) this.#withoutSince = Infinity;
    else if (this.#withoutSince === Infinity) this.#withoutSince = now;
    this.#limit(connections);
  }

  /** The lease that there is holds until its time. */
  #goWithout(error: Error): void {
    this.log.warn({ bucket: this.bucket, ...describeForLog(error) }, 'nothing could be leased');
    if (performance.now() < this.#leasedUntil) return;
    this.#withoutSince = Math.min(this.#withoutSince, performance.now());
    this.#limit(0);
  }

  #limit(connections: number): void {
    this.#connections = connections;
    this.#share.limit = connections;
  }
}

function merged(before: Observed, after: Observed): Observed {
  const reply = after.reply ?? before.reply;
  return {
    sent: before.sent + after.sent,
    slowed: before.slowed + after.slowed,
    failedSince: after.failedSince + (after.sent > 0 ? 0 : before.failedSince),
    ...(reply !== undefined && { reply }),
  };
}
