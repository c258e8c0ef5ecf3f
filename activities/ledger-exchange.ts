import { setTimeout as delay } from 'node:timers/promises';
import {
  BatchLostError,
  exchangeMessages,
  renewEpoch,
  type BatchKey,
  type Claim,
  type ClaimedMessage,
  type Exchange,
  type Settlement,
} from '../src/store/claims.js';
import type { Database } from '../src/store/database.js';
import type { MessageBudget } from './claim-budget.js';
import type { CommitPace } from './commit-pace.js';

/** How long the database may be away: 60 s. */
const retries = 120;
const retryMs = 500;

/** One way through a batch's messages: those of some domains, or all but those. */
export class Look {
  /** Claims go on from here; what was put back before it is found by another look from the beginning. */
  from: number;
  readonly domains: string[] = [];
  /** Those that were put off are left to their time, as long as there are others. */
  dueOnly: boolean;
  private foundNothing = false;

  /** @param only - it is at nothing but its domains, else at all others */
  constructor(
    private readonly first: number,
    readonly budget: MessageBudget,
    readonly only: boolean,
  ) {
    this.from = first;
    this.dueOnly = only;
    budget.begin?.();
  }

  /** The last look at the whole range found nothing that could be claimed. */
  get exhausted(): boolean {
    return this.foundNothing;
  }

  again(): void {
    this.from = this.first;
    this.dueOnly = this.only;
    this.find(true);
  }

  /** @param lastSeq - of what was found, in the order of sequence numbers */
  goOn(foundAll: boolean, lastSeq: number | undefined): void {
    if (foundAll) {
      const wasWhole = this.from === this.first;
      this.find(!wasWhole || this.dueOnly);
      if (wasWhole) this.dueOnly = false;
      this.from = this.first;
    } else this.from = (lastSeq ?? this.from - 1) + 1;
  }

  close(): void {
    this.find(false);
  }

  private find(something: boolean): void {
    if (something === !this.foundNothing) return;
    this.foundNothing = !something;
    if (something) this.budget.begin?.();
    else this.budget.end?.();
  }
}

/** What an attempt at a batch holds of the ledger: what it has claimed, and the results that are not committed yet. */
export class LedgerExchange {
  /** Sequence numbers that are claimed and not settled, and on whose account. */
  private readonly held = new Map<number, MessageBudget>();
  private readonly looks: Look[] = [];
  private results: Settlement[] = [];
  /** In a row, of statements that only write; and of claims. */
  private failures = 0;
  private claimFailures = 0;

  constructor(
    private readonly database: Database,
    private readonly batch: BatchKey & { epoch: number },
    private readonly range: { from: number; to: number },
    private readonly pace: CommitPace,
  ) {}

  /** @param only - the look is at nothing but its domains, else at all others */
  look(budget: MessageBudget, only: boolean): Look {
    const look = new Look(this.range.from, budget, only);
    this.looks.push(look);
    return look;
  }

  /** Messages that are claimed and not settled. */
  get holding(): number {
    return this.held.size;
  }

  /** Results that are not committed yet. */
  get unwritten(): number {
    return this.results.length;
  }

  add(result: Settlement): void {
    this.results.push(result);
  }

  /** Gives back what was claimed and not begun. */
  putBack(messages: readonly ClaimedMessage[]): void {
    this.results.push(...messages.map(({ seq }) => pending(seq)));
  }

  /** Puts a message that is held on another account, where that has room. @returns whether it has */
  moveTo(budget: MessageBudget, { seq }: ClaimedMessage): boolean {
    if (this.held.get(seq) === budget) return true;
    if (budget.reserve(0, 1) === 0) return false;
    this.held.get(seq)?.release(1);
    this.held.set(seq, budget);
    return true;
  }

  /**
   * Commits the results that have come and, with a look, claims as many messages as its budget has room for.
   *
   * @param now - milliseconds since the epoch, the time that decides what is due
   * @param most - messages that may be claimed
   * @throws Error of the database when it does not come back within a minute
   */
  async exchange(now: number, look?: Look, most?: number): Promise<ClaimedMessage[]> {
    const settlements = this.results.splice(0);
    const freed = settlements.filter(({ seq }) => this.held.get(seq) === look?.budget).length;
    const limit = look && !look.exhausted ? look.budget.reserve(freed, most) : 0;
    if (limit + settlements.length === 0) return [];
    const { from = this.range.from, domains = [], only = false, dueOnly = false } = look ?? {};
    const claim = await this.claim({ settlements, from, to: this.range.to, limit, now, domains, only, dueOnly }, look);
    if (look) {
      for (const { seq } of claim.messages) this.held.set(seq, look.budget);
      look.budget.release(limit - claim.messages.length);
    }
    if (settlements.some(({ status }) => status === 'pending')) this.lookAgain();
    else if (limit > 0) look?.goOn(claim.taken < limit, claim.lastSeq);
    return claim.messages;
  }

  /** Gives the budget back what an attempt that failed still holds; the next fence finds it. */
  close(): void {
    for (const look of this.looks) look.close();
    this.letGo([...this.held.keys()].map((seq) => ({ seq })));
  }

  private letGo(written: readonly Pick<Settlement, 'seq'>[]): void {
    for (const { seq } of written) {
      this.held.get(seq)?.release(1);
      this.held.delete(seq);
    }
  }

  private lookAgain(): void {
    for (const look of this.looks) look.again();
  }

  /**
   * What relays said does not wait for a claim that fails: it is written alone then, and the claim counts as one that
   * found nothing for now.
   */
  private async claim(exchange: Exchange, look: Look | undefined): Promise<Claim> {
    try {
      const askedAt = performance.now();
      const claim = await exchangeMessages(this.database, this.batch, exchange);
      this.pace.committed(performance.now() - askedAt);
      this.claimFailures = 0;
      this.letGo(exchange.settlements);
      return claim;
    } catch (error) {
      if (exchange.limit > 0) this.claimFailures += 1;
      await this.persist(exchange, look);
      if (this.claimFailures > retries) {
        look?.budget.release(exchange.limit);
        throw error;
      }
      if (exchange.limit > 0) await delay(retryMs);
      return { messages: [], taken: exchange.limit };
    }
  }

  /**
   * What the relay said must not be lost with a database that restarts: without it the messages would be in doubt. Safe
   * to repeat, for a row is settled only while it is `sending`.
   */
  private async persist(exchange: Exchange, look: Look | undefined): Promise<void> {
    for (;;) {
      try {
        await this.goOnAnew();
        await exchangeMessages(this.database, this.batch, { ...exchange, limit: 0 });
        this.failures = 0;
        this.letGo(exchange.settlements);
        return;
      } catch (error) {
        this.failures += 1;
        if (this.failures > retries || error instanceof BatchLostError) {
          this.results.unshift(...exchange.settlements);
          look?.budget.release(exchange.limit);
          throw error;
        }
        await delay(retryMs);
      }
    }
  }

  /** The connection was lost in a statement that may have been carried out, or may be yet. */
  private async goOnAnew(): Promise<void> {
    const { database, batch, range } = this;
    if (await renewEpoch(database, batch, range, [...this.held.keys()])) this.lookAgain();
  }
}

const pending = (seq: number): Settlement => ({ seq, attempt: 0, status: 'pending', settledAt: Date.now() });
