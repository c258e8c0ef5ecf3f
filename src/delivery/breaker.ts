import { z } from 'zod';
import { failureLimitsSchema, passedLimits, sumOf, type FailureLimits } from './failure-limits.js';
import type { StatusCounts } from './message-status.js';

/**
 * What holds where a definition says nothing. Amazon SES may pause an account at one hard bounce in ten. What is put off is tried
 * again by itself, and has no limit: whoever greylists puts off everybody once.
 */
export const breakerDefaults = { last: 1_000, atLeast: 100, limits: { failed: '10%', inDoubt: '10%' } } as const;

const bound = (what: string) => z.int(`${what} must be a whole number`).min(1).max(1_000_000).optional();

/** When a delivery pauses by itself, for too much of what left lately came to nothing. */
export const breakerSchema = z.union(
  [
    z.literal('off'),
    z
      .strictObject({
        /** How many messages that were settled last are looked at. */
        last: bound('sending.breaker.last'),
        /** Fewer tell nothing. */
        atLeast: bound('sending.breaker.atLeast'),
        limits: failureLimitsSchema('sending.breaker.limits').optional(),
      })
      .refine(
        ({ last = breakerDefaults.last, atLeast = breakerDefaults.atLeast }) => atLeast <= last,
        `sending.breaker.atLeast must be no more than sending.breaker.last (${breakerDefaults.last} where it is not given)`,
      ),
  ],
  'sending.breaker must be off, or have last, atLeast and limits',
);

export type BreakerSettings = z.output<typeof breakerSchema>;

/** How many of the latest runs of batches decide, at the most: each has settled a message. */
export function runsLookedAt(settings: BreakerSettings | undefined): number {
  return settings === 'off' ? 0 : (settings?.last ?? breakerDefaults.last);
}

/**
 * Whether a delivery must pause.
 *
 * @param runs - what became of the messages that each run of a batch has settled, the latest first, since a person last let it go
 *   on
 * @returns why, in numbers; undefined where nothing stands against going on
 */
export function tripBreaker(settings: BreakerSettings | undefined, runs: readonly StatusCounts[]): string | undefined {
  if (settings === 'off') return undefined;
  const { last = breakerDefaults.last, atLeast = breakerDefaults.atLeast } = settings ?? {};
  const limits: FailureLimits = settings?.limits ?? breakerDefaults.limits;
  const counts = lately(runs, last);
  if (sumOf(counts) < atLeast) return undefined;
  const passed = passedLimits(limits, counts, { where: 'sending.breaker.limits', which: 'last' });
  return passed.length === 0 ? undefined : `too much has gone wrong: ${passed.join('; ')}`;
}

/** Whole runs: in which order those of one were settled says little. */
function lately(runs: readonly StatusCounts[], last: number): StatusCounts {
  const sum: StatusCounts = {};
  for (const run of runs) {
    if (sumOf(sum) >= last) break;
    for (const [status, count] of Object.entries(run) as [keyof StatusCounts, number][])
      sum[status] = (sum[status] ?? 0) + count;
  }
  return sum;
}
