/** How much of what a worker claims may wait to be settled. */
export interface MessageBudget {
  /**
   * Reserves room for messages that are about to be claimed.
   *
   * @param freed - messages that the same statement settles
   * @param most - that are wanted
   * @returns how many may be claimed, down to 0
   */
  reserve(freed: number, most?: number): number;
  release(messages: number): void;
}

/**
 * How many messages a worker may have claimed and not settled at one relay: at a kill those are in doubt. The batch that
 * came first takes all of it, for its groups are larger then; the next one comes in as the first one runs out.
 */
export class ClaimBudget implements MessageBudget {
  private taken = 0;

  /** @param limit - messages */
  constructor(private readonly limit: number) {}

  reserve(freed: number, most = Infinity): number {
    const room = Math.min(most, Math.max(0, this.limit - this.taken + freed));
    this.taken += room;
    return room;
  }

  release(messages: number): void {
    this.taken -= messages;
  }
}
