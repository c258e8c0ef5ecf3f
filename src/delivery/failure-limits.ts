import { z } from 'zod';
import type { MessageStatus, StatusCounts } from './message-status.js';
import { grouped, plural } from './plain-words.js';
import { exceeds, shareSchema } from './share.js';

/** The statuses that a limit counts, and what they mean in words. */
export const limitedStatuses = [
  { limit: 'failed', status: 'failed', words: 'failed' },
  { limit: 'retrying', status: 'retrying', words: 'were refused for now' },
  { limit: 'inDoubt', status: 'in-doubt', words: 'are in doubt' },
] as const satisfies readonly { limit: string; status: MessageStatus; words: string }[];

/**
 * What of some messages may go wrong at the most, as shares of them; each by the status that counts.
 *
 * @param where - the setting, such as `sending.canary.limits`
 */
export const failureLimitsSchema = (where: string) =>
  z
    .strictObject({
      /** Refused for good. */
      failed: shareSchema(`${where}.failed`).optional(),
      /** Refused for now, and to be tried again. */
      retrying: shareSchema(`${where}.retrying`).optional(),
      inDoubt: shareSchema(`${where}.inDoubt`).optional(),
    })
    .refine((limits) => Object.keys(limits).length > 0, `${where} must name a limit`);

export type FailureLimits = z.output<ReturnType<typeof failureLimitsSchema>>;

/**
 * @param which - messages those are that were counted: nothing for all there are, or such as `last`
 * @returns which limits are passed, each in a sentence with its numbers
 */
export function passedLimits(
  limits: FailureLimits,
  counts: StatusCounts,
  { where, which }: { where: string; which?: string },
): string[] {
  const all = sumOf(counts);
  const messages = which === undefined ? plural(all, 'message') : `the ${which} ${plural(all, 'message')}`;
  return limitedStatuses.flatMap(({ limit, status, words }) => {
    const share = limits[limit];
    const count = counts[status] ?? 0;
    if (share === undefined || !exceeds(count, all, share)) return [];
    return [`${grouped(count)} of ${messages} ${words}, and ${where}.${limit} allows ${share}`];
  });
}

export const sumOf = (counts: StatusCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
