/** Longest that a result waits for others to be committed with, in milliseconds. */
export const gatherMs = 10;

/** For how many times as long as a statement took its successor waits for more results. */
const statementsApart = 2;

/** What an attempt at a batch has of messages. */
export interface MessagesInHand {
  /** Claimed and not settled. */
  holding: number;
  /** Of those, at a connection or waiting for one. */
  underWay: number;
  /** Of those, answered and not committed. */
  unwritten: number;
}

/**
 * When the results of an attempt are worth a commit of their own. A statement costs nearly the same whether it carries ten
 * results or thirty. To a relay that answers faster than the ledger commits, statements would follow each other without a
 * pause, with few results each; with a pause of twice a statement it has answered everything meanwhile. A relay that takes
 * longer than that has its next messages as soon as ever.
 */
export class CommitPace {
  /** On the monotonic clock. */
  #notBefore = 0;

  /** @param connections - so many results are worth a commit while messages are under way */
  constructor(private readonly connections: number) {}

  /** A statement of the attempt is back, after some milliseconds. */
  committed(milliseconds: number): void {
    this.#notBefore = performance.now() + Math.min(gatherMs, statementsApart * milliseconds);
  }

  isDue({ holding, underWay, unwritten }: MessagesInHand): boolean {
    if (underWay === 0) return holding > 0;
    return unwritten >= this.connections && performance.now() >= this.#notBefore;
  }
}
