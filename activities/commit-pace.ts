/** Longest that a result waits for others to be committed with, in milliseconds. */
const gatherMs = 10;

/** For how many times as long as a statement took its successor waits for more results, within {@link gatherMs}. */
const statementsApart = 2;

/**
 * When the results of an attempt are worth a commit of their own. A statement with thirty results costs little more than one
 * with ten. To a relay that answers faster than the ledger commits, statements would follow each other without a pause, with
 * few results each; with a pause of twice a statement it has answered everything meanwhile. A relay that takes longer has
 * its next messages as soon as ever.
 */
export class CommitPace {
  /** On the monotonic clock. */
  #notBefore = 0;

  /** @param connections - so many results are worth a commit while messages are under way */
  constructor(private readonly connections: number) {}

  /** A statement is back, after some milliseconds. Of several that follow each other, the longest counts. */
  committed(milliseconds: number): void {
    const pause = Math.min(gatherMs, statementsApart * milliseconds);
    this.#notBefore = Math.max(this.#notBefore, performance.now() + pause);
  }

  /** @returns for how many milliseconds results wait for others while messages are under way */
  waitMs(results: number): number {
    return results < this.connections ? gatherMs : Math.max(0, this.#notBefore - performance.now());
  }
}
