import { limitedStatuses, passedLimits, sumOf } from './failure-limits.js';
import type { StatusCounts } from './message-status.js';
import { grouped, plural } from './plain-words.js';
import type { CanarySettings } from './schedule-settings.js';

/**
 * Whether the waves behind a canary may follow.
 *
 * @param counts - of the canary's messages under the seal
 * @returns why only a person's word sends them, in numbers; undefined where nothing stands against them
 */
export function holdCanary({ limits = {}, goOn }: CanarySettings, counts: StatusCounts): string | undefined {
  const of = (status: keyof StatusCounts): number => counts[status] ?? 0;
  if (goOn === 'by-operator') {
    const became = limitedStatuses.map(({ status, words }) => `${grouped(of(status))} ${words}`).join(', ');
    return `the canary of ${plural(sumOf(counts), 'message')} waits for an operator's word: ${grouped(of('sent') + of('accepted-by-provider'))} were sent, ${became}`;
  }
  const passed = passedLimits(limits, counts, { where: 'sending.canary.limits' });
  return passed.length === 0 ? undefined : `the canary is over its limits: ${passed.join('; ')}`;
}
