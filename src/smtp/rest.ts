/** How long something that fails is left alone: ever longer, until it has answered again. Times in milliseconds. */
export class Rest {
  /** In a row; those that were under way together fail together, and count as one. */
  #failures = 0;
  /** On the monotonic clock. */
  #until = 0;
  #probing = false;

  /** @param ms - after the first failure; doubles up to the second value */
  constructor(private readonly ms: readonly [first: number, longest: number]) {}

  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  /** After a failure somebody finds out whether it is over: the others need not wait for that as well. */
  probe(longest: number): void {
    if (this.#failures === 0) return;
    this.#probing = true;
    this.#until = performance.now() + longest;
  }

  learn(failed: boolean): void {
    if (!failed) {
      this.#failures = 0;
      this.#until = 0;
    } else if (this.isOver || this.#probing) {
      const [first, longest] = this.ms;
      this.#until = performance.now() + Math.min(longest, first * 2 ** this.#failures);
      this.#failures += 1;
    }
    this.#probing = false;
  }
}
