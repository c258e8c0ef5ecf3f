/** A pool of connections, as those see it with which it shares. */
export interface Sharer {
  /** Connections that are open or being opened. */
  readonly occupied: number;
  /** Closes one that has nothing to do, if there is one. */
  dropIdle(): void;
  /** Looks again at what it may do. */
  reconsider(): void;
}

/**
 * How many connections some pools may have open together. One that has none gets the first that can be spared: one that
 * has nothing to do, or after its message one of a pool that has several.
 */
export class ConnectionShare {
  #limit: number;
  #occupied = 0;
  /** Of those, the ones that are on their way out. */
  #leaving = 0;
  readonly #members = new Set<Sharer>();
  /** Those that want more, in the order in which they came, and of them those that have none. */
  readonly #waiting = new Set<Sharer>();
  readonly #without = new Set<Sharer>();

  /** @param within - a wider share, whose limit holds for this one too */
  constructor(
    limit: number,
    private readonly within?: ConnectionShare,
  ) {
    this.#limit = limit;
  }

  /** Those that are being opened, and those that are not closed yet, too. */
  get occupied(): number {
    return this.#occupied;
  }

  /** No more can be opened for now. */
  get isFull(): boolean {
    return this.#occupied >= this.#limit || this.within?.isFull === true;
  }

  /** Nothing can be sent until the limit is another one. */
  get isShut(): boolean {
    return this.#limit === 0;
  }

  /** More are open than may be. */
  get isExceeded(): boolean {
    return this.#occupied - this.#leaving > this.#limit || this.within?.isExceeded === true;
  }

  /** Somebody has none, and none is on its way out. */
  get isWanted(): boolean {
    return this.#without.size > this.#leaving || this.within?.isWanted === true;
  }

  /** Most from now on. Those beyond it end after the message that they are sending. */
  set limit(connections: number) {
    this.#limit = connections;
    for (const member of this.#members) member.reconsider();
  }

  join(sharer: Sharer): void {
    this.#members.add(sharer);
    this.within?.join(sharer);
  }

  leave(sharer: Sharer): void {
    for (const group of [this.#members, this.#waiting, this.#without]) group.delete(sharer);
    this.within?.leave(sharer);
  }

  /** @returns whether a connection may be opened; if not, the sharer is told when there may be one */
  take(sharer: Sharer): boolean {
    if (this.#occupied >= this.#limit) this.#wait(sharer);
    else if (this.within?.take(sharer) !== false) {
      this.#waiting.delete(sharer);
      this.#without.delete(sharer);
      this.#occupied += 1;
      return true;
    }
    return false;
  }

  /** A connection is being given up, and counts until it is closed. */
  giveUp(): void {
    this.#leaving += 1;
    this.within?.giveUp();
  }

  /** @param wasLeaving - it had been given up */
  release(wasLeaving: boolean): void {
    this.#occupied -= 1;
    if (wasLeaving) this.#leaving -= 1;
    this.within?.release(wasLeaving);
    for (const sharer of [...this.#without, ...this.#waiting]) {
      if (this.isFull) return;
      this.#waiting.delete(sharer);
      this.#without.delete(sharer);
      sharer.reconsider();
    }
  }

  #wait(sharer: Sharer): void {
    this.#waiting.add(sharer);
    if (sharer.occupied > 0) return;
    this.#without.add(sharer);
    for (const member of this.#members) {
      if (this.#without.size <= this.#leaving) return;
      if (member !== sharer) member.dropIdle();
    }
  }
}
