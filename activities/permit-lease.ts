import type { BucketAnswer } from '../src/store/sending-buckets.js';

/** Permits that come sooner are waited for; for others a batch ends. */
export const permitPatienceMs = 1_500;

/** What a worker has of a bucket's permits. Times are those of its monotonic clock: two machines need not agree on the hour. */
export class PermitLease {
  #left = 0;
  #until = 0;
  #outUntil = 0;
  #period: number | undefined;
  #plan: { nextAt: number; periodMs: number; perPeriod: number; period: number } | undefined;

  /** Permits that may still be used in their period. */
  get left(): number {
    return performance.now() < this.#until ? this.#left : 0;
  }

  /** Milliseconds until there may be permits again; 0 where there may be some now. */
  get outFor(): number {
    return this.left > 0 ? 0 : Math.max(0, this.#outUntil - performance.now());
  }

  /** When the period began that they are of, as the bucket told it. */
  get period(): number | undefined {
    return this.#period;
  }

  /** How messages that are put off are spread; undefined before the bucket was asked. */
  get plan(): { inMs: number; periodMs: number; perPeriod: number; period: number } | undefined {
    if (!this.#plan) return undefined;
    const { nextAt, ...plan } = this.#plan;
    return { ...plan, inMs: Math.max(0, nextAt - performance.now()) };
  }

  /** @returns whether there was one */
  use(): boolean {
    return this.take(1) === 1;
  }

  /** Takes permits out, to be given back or used. @returns how many there were */
  take(most = Infinity): number {
    const taken = Math.min(most, this.left);
    this.#left = this.left - taken;
    return taken;
  }

  /** @param askedAt - on the monotonic clock, before the bucket was asked: a period must not end late here */
  add(answer: NonNullable<BucketAnswer['permits']>, askedAt: number, periodMs: number): void {
    const left = this.#period === answer.period ? this.left : 0;
    this.#period = answer.period;
    this.#left = left + Math.max(0, answer.granted);
    this.#until = askedAt + answer.endsIn - guardMs(periodMs);
    const nextAt = performance.now() + answer.nextIn;
    // Too late for this period: what it grants yet would be lost.
    const late = performance.now() >= this.#until;
    this.#outUntil = late ? nextAt : answer.outFor === undefined ? 0 : performance.now() + answer.outFor;
    this.#plan = { nextAt, periodMs, perPeriod: answer.perPeriod, period: answer.period };
  }
}

/** What is begun at the very end of a period arrives in the next one. */
const guardMs = (periodMs: number): number => Math.min(250, periodMs / 20);
