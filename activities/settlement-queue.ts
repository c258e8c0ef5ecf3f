import { setTimeout as delay } from 'node:timers/promises';
import { settleMessages, type BatchKey, type Settlement } from '../src/store/claims.js';
import type { Database } from '../src/store/database.js';

/** How long results wait for the database to come back: 60 s. */
const retries = 120;
const retryMs = 500;

/** Writes results to the ledger, all that have come together in one statement, while more are coming. */
export class SettlementQueue {
  private waiting: Settlement[] = [];
  private writing: Promise<void> | undefined;
  private size = 0;

  constructor(
    private readonly database: Database,
    private readonly batch: BatchKey & { epoch: number },
  ) {}

  /** Results that are not committed yet. */
  get unwritten(): number {
    return this.size;
  }

  add(settlements: readonly Settlement[]): void {
    if (settlements.length === 0) return;
    this.waiting.push(...settlements);
    this.size += settlements.length;
    if (this.writing) return;
    this.writing = this.write();
    // Whoever waits for it hears of a failure; the process must not end by it before.
    this.writing.catch(() => undefined);
  }

  /**
   * @returns resolved when all is committed; undefined when it is already
   * @throws Error of the database when it does not come back within a minute
   */
  written(): Promise<void> | undefined {
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0);
      await this.settle(some);
      this.size -= some.length;
    }
    this.writing = undefined;
  }

  /**
   * What the relay said must not be lost with a database that restarts: without it the messages would be in doubt.
   * Safe to repeat, for a row is settled only while it is `sending`.
   */
  private async settle(settlements: readonly Settlement[]): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        await settleMessages(this.database, this.batch, settlements);
        return;
      } catch (error) {
        if (failures >= retries) throw error;
        await delay(retryMs);
      }
    }
  }
}
