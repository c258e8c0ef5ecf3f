import { priorities, type Priority } from '../src/delivery/priority.js';

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
  /** Says that somebody has messages left to claim; absent where nobody goes before another. */
  begin?(): void;
  end?(): void;
}

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

  /** The budget as those of one priority have it. */
  of(priority: Priority): Required<MessageBudget> {
    return {
      reserve: (freed, most = Infinity) => this.reserve(priority, freed, most),
      release: (messages) => add(this.taken, priority, -messages),
      begin: () => add(this.claiming, priority, 1),
      end: () => add(this.claiming, priority, -1),
    };
  }

  private reserve(priority: Priority, freed: number, most: number): number {
    const at = priorities.indexOf(priority);
    const isOutranked = sum(this.claiming, priorities.slice(0, at)) > 0;
    const share = isOutranked ? Math.floor(this.limit * shareOfOthers) : this.limit;
    const left = Math.min(this.limit - sum(this.taken, priorities), share - sum(this.taken, priorities.slice(at)));
    const room = Math.min(most, Math.max(0, left + freed));
    add(this.taken, priority, room);
    return room;
  }
}

function add(to: Map<Priority, number>, priority: Priority, count: number): void {
  to.set(priority, (to.get(priority) ?? 0) + count);
}

function sum(of: ReadonlyMap<Priority, number>, some: readonly Priority[]): number {
  return some.reduce((total, priority) => total + (of.get(priority) ?? 0), 0);
}
