import type { Rate } from '../../delivery/rate.js';

/** What is known of one period of a bucket. Times in milliseconds since the epoch, by the database's clock. */
export interface PeriodCount {
  startsAt: number;
  /** Permits that are leased. */
  taken: number;
  /** Messages that were put off to the periods behind it. */
  planned: number;
}

/** Every period gets more messages than it has permits, for not all of them come when they are due: some leave before. */
export const plannedPerPermit = 2;

/** Periods begin at whole multiples of their length, so that nobody has to agree on them. */
export const periodStart = (now: number, periodMs: number): number => now - (now % periodMs);

/**
 * Permits of one period. What does not divide evenly is spread: of 100 a minute in periods of 10 s, two have 17 and one
 * has 16.
 *
 * @param pace - share of the rate that is used, up to 1; what has permits keeps at least one
 */
export function permitsIn({ messages, perMs }: Rate, startsAt: number, periodMs: number, pace = 1): number {
  // Exact, or two workers might round differently.
  const until = (ms: number): bigint => (BigInt(ms) * BigInt(messages)) / BigInt(perMs);
  const all = Number(until(startsAt + periodMs) - until(startsAt));
  return all === 0 ? 0 : Math.max(1, Math.floor(all * pace));
}

/**
 * @param wanted - permits; fewer than none gives as many back
 * @returns by how many the count of taken ones changes
 */
export function leasePermits({ taken }: Pick<PeriodCount, 'taken'>, limit: number, wanted: number): number {
  return wanted < 0 ? Math.max(wanted, -taken) : Math.min(wanted, Math.max(0, limit - taken));
}

/**
 * How many put-off messages of earlier periods are still ahead of those that are put off now. Where the period before was
 * not used up, nobody waits in earnest: the deliveries that had planned have ended, or were stopped.
 */
export function plannedBefore(
  before: PeriodCount | undefined,
  startsAt: number,
  periodMs: number,
  limit: number,
): number {
  if (!before || before.startsAt !== startsAt - periodMs || before.taken < 0.9 * limit) return 0;
  return Math.max(0, before.planned - limit * plannedPerPermit);
}

/** The first period after this one in which there is a permit. @returns its start */
export function nextPermitAt(rate: Rate, startsAt: number, periodMs: number): number {
  let next = startsAt + periodMs;
  while (permitsIn(rate, next, periodMs) === 0) next += periodMs;
  return next;
}
