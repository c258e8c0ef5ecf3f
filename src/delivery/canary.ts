import type { StatusCounts } from './message-status.js';
import { grouped, plural } from './plain-words.js';
import type { CanarySettings } from './schedule-settings.js';
import { exceeds } from './share.js';

/** The statuses that a limit counts, and what they mean in words. */
const limited = [
  { limit: 'failed', status: 'failed', words: 'failed' },
  { limit: 'retrying', status: 'retrying', words: 'were refused for now' },
  { limit: 'inDoubt', status: 'in-doubt', words: 'are in doubt' },
] as const;

/**
 * Whether the waves behind a canary may follow.
 *
 * @param counts - of the canary's messages under the seal
 * @returns why only a person's word sends them, in numbers; undefined where nothing stands against them
 */
export function holdCanary({ limits, goOn }: CanarySettings, counts: StatusCounts): string | undefined {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const of = (status: keyof StatusCounts): number => counts[status] ?? 0;
  if (goOn === 'by-operator') {
    const became = limited.map(({ status, words }) => `${grouped(of(status))} ${words}`).join(', ');
    return `the canary of ${plural(all, 'message')} waits for an operator's word: ${grouped(of('sent') + of('accepted-by-provider'))} were sent, ${became}`;
  }
  const over = limited.flatMap(({ limit, status, words }) => {
    const share = limits?.[limit];
    if (share === undefined || !exceeds(of(status), all, share)) return [];
    return [
      `${grouped(of(status))} of ${plural(all, 'message')} ${words}, and sending.canary.limits.${limit} allows ${share}`,
    ];
  });
  return over.length === 0 ? undefined : `the canary is over its limits: ${over.join('; ')}`;
}
