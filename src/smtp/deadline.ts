/**
 * A time limit that is moved all the time and hardly ever passes. Its one timer is left alone when the limit moves on:
 * when it rings it goes on to the limit that holds by then.
 */
export class Deadline {
  #timer: NodeJS.Timeout | undefined;
  /** On the monotonic clock, both. */
  #ringsAt = Infinity;
  #limit = Infinity;

  constructor(private readonly passed: () => void) {}

  /** From now. */
  allow(milliseconds: number): void {
    this.#limit = performance.now() + milliseconds;
    if (this.#limit < this.#ringsAt) this.#set(milliseconds);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #set(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#ringsAt = performance.now() + milliseconds;
    this.#timer = setTimeout(() => this.#ring(), milliseconds);
  }

  #ring(): void {
    const left = this.#limit - performance.now();
    if (left > 0) return this.#set(left);
    this.#ringsAt = Infinity;
    this.passed();
  }
}
