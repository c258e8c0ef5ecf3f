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
import type { Priority } from '../src/delivery/priority.js';
import type { ClaimBudget } from './claim-budget.js';

/** How long the database may be away: 60 s. */
const retries = 120;
const retryMs = 500;

/** What an attempt at a batch holds of the ledger: what it has claimed, and the results that are not committed yet. */
export class LedgerExchange {
  /** Sequence numbers that are claimed and not settled. */
  private readonly held = new Set<number>();
  private results: Settlement[] = [];
  /** Claims go on from here; what was put back before it is found by another look from the beginning. */
  private from: number;
  private nothingLeft = false;
  /** In a row, of statements that only write; and of claims. */
  private failures = 0;
  private claimFailures = 0;

  constructor(
    private readonly database: Database,
    private readonly batch: BatchKey & { epoch: number },
    private readonly range: { from: number; to: number },
    private readonly budget: ClaimBudget,
    private readonly priority: Priority,
  ) {
    this.from = range.from;
    budget.begin(priority);
  }

  /** Messages that are claimed and not settled. */
  get holding(): number {
    return this.held.size;
  }

  /** Results that are not committed yet. */
  get unwritten(): number {
    return this.results.length;
  }

  /** The last look at the whole range found nothing that could be claimed. */
  get exhausted(): boolean {
    return this.nothingLeft;
  }

  add(result: Settlement): void {
    this.results.push(result);
  }

  /** Gives back what was claimed and not begun. */
  putBack(messages: readonly ClaimedMessage[]): void {
    this.results.push(...messages.map(({ seq }) => pending(seq)));
  }

  /**
   * Commits the results that have come and, where it may, claims as many messages as the budget has room for.
   *
   * @param now - milliseconds since the epoch, the time that decides what is due
   * @throws Error of the database when it does not come back within a minute
   */
  async exchange(mayClaim: boolean, now: number): Promise<ClaimedMessage[]> {
    const settlements = this.results.splice(0);
    const limit = mayClaim && !this.nothingLeft ? this.budget.reserve(settlements.length, this.priority) : 0;
    if (limit + settlements.length === 0) return [];
    const { from } = this;
    const claim = await this.claim({ settlements, from, to: this.range.to, limit, now });
    for (const { seq } of claim.messages) this.held.add(seq);
    this.budget.release(limit - claim.messages.length, this.priority);
    if (settlements.some(({ status }) => status === 'pending')) this.lookAgain();
    else if (claim.taken < limit) {
      this.setNothingLeft(from === this.range.from);
      this.from = this.range.from;
    } else this.from = (claim.lastSeq ?? from - 1) + 1;
    return claim.messages;
  }

  /** Gives the budget back what an attempt that failed still holds; the next fence finds it. */
  close(): void {
    this.setNothingLeft(true);
    this.budget.release(this.held.size, this.priority);
    this.held.clear();
  }

  private letGo(written: readonly Settlement[]): void {
    for (const { seq } of written) this.held.delete(seq);
    this.budget.release(written.length, this.priority);
  }

  private lookAgain(): void {
    this.setNothingLeft(false);
    this.from = this.range.from;
  }

  private setNothingLeft(nothingLeft: boolean): void {
    if (nothingLeft === this.nothingLeft) return;
    this.nothingLeft = nothingLeft;
    if (nothingLeft) this.budget.end(this.priority);
    else this.budget.begin(this.priority);
  }

  /**
   * What relays said does not wait for a claim that fails: it is written alone then, and the claim counts as one that
   * found nothing for now.
   */
  private async claim(exchange: Exchange): Promise<Claim> {
    try {
      const claim = await exchangeMessages(this.database, this.batch, exchange);
      this.claimFailures = 0;
      this.letGo(exchange.settlements);
      return claim;
    } catch (error) {
      if (exchange.limit > 0) this.claimFailures += 1;
      await this.persist(exchange);
      if (this.claimFailures > retries) {
        this.budget.release(exchange.limit, this.priority);
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
  private async persist(exchange: Exchange): Promise<void> {
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
          this.budget.release(exchange.limit, this.priority);
          throw error;
        }
        await delay(retryMs);
      }
    }
  }

  /** The connection was lost in a statement that may have been carried out, or may be yet. */
  private async goOnAnew(): Promise<void> {
    const { database, batch, range } = this;
    if (await renewEpoch(database, batch, range, [...this.held])) this.lookAgain();
  }
}

const pending = (seq: number): Settlement => ({ seq, status: 'pending', settledAt: Date.now() });
