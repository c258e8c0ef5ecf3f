import { priorities, type Priority } from '../src/delivery/priority.js';

/** Of the room, what others may have while one of higher priority has messages left to claim. */
const shareOfOthers = 1 / 4;

/**
 * How many messages a worker may have claimed and not settled at one relay: at a kill those are in doubt. Of equal
 * priority, the batch that came first takes all of it, for its groups are larger then; the next one comes in as the first
 * one runs out.
 */
export class ClaimBudget {
  private readonly taken = new Map<Priority, number>();
  private readonly claiming = new Map<Priority, number>();

  /** @param limit - messages */
  constructor(private readonly limit: number) {}

  /** Says that a batch has messages left to claim. */
  begin(priority: Priority): void {
    add(this.claiming, priority, 1);
  }

  end(priority: Priority): void {
    add(this.claiming, priority, -1);
  }

  /**
   * Reserves room for messages that are about to be claimed.
   *
   * @param freed - messages that the same statement settles
   * @returns how many may be claimed, down to 0
   */
  reserve(freed: number, priority: Priority): number {
    const at = priorities.indexOf(priority);
    const isOutranked = sum(this.claiming, priorities.slice(0, at)) > 0;
    const share = isOutranked ? Math.floor(this.limit * shareOfOthers) : this.limit;
    const left = Math.min(this.limit - sum(this.taken, priorities), share - sum(this.taken, priorities.slice(at)));
    const room = Math.max(0, left + freed);
    add(this.taken, priority, room);
    return room;
  }

  release(messages: number, priority: Priority): void {
    add(this.taken, priority, -messages);
  }
}

function add(to: Map<Priority, number>, priority: Priority, count: number): void {
  to.set(priority, (to.get(priority) ?? 0) + count);
}

function sum(of: ReadonlyMap<Priority, number>, some: readonly Priority[]): number {
  return some.reduce((total, priority) => total + (of.get(priority) ?? 0), 0);
}
