import { percentOf } from '../../wording/progress-estimate.js';
import type { MessageStatus, StatusCounts } from '../../delivery/message-status.js';
import { grouped } from '../../delivery/plain-words.js';
import { html, type Html } from './html.js';

/** Statuses in the order in which they stand in a bar, and what they are called. */
export const statusWords: readonly (readonly [status: MessageStatus, word: string])[] = [
  ['sent', 'sent'],
  ['accepted-by-provider', 'taken by the provider'],
  ['failed', 'failed'],
  ['in-doubt', 'in doubt'],
  ['canceled', 'canceled'],
  ['retrying', 'to be tried again'],
  ['sending', 'leaving'],
  ['pending', 'waiting'],
];

/** @returns what a status is called, `ignored` too, which stands in no bar */
export const statusWord = (status: MessageStatus): string =>
  statusWords.find(([one]) => one === status)?.[1] ?? 'left out';

const unopened: ReadonlySet<MessageStatus> = new Set(['pending']);

/** What became of messages, as parts of a whole. It says the same in words to who does not see it. */
export function statusBar({ counts, total, settled }: { counts: StatusCounts; total: number; settled: number }): Html {
  const parts = statusWords.flatMap(([status, word]) => {
    const count = counts[status] ?? 0;
    return count === 0 || unopened.has(status) ? [] : [{ status, word, count }];
  });
  let x = 0;
  const rects = parts.map(({ status, count }) => {
    // What there is of must be seen, be it one of a million.
    const width = Math.max(0.6, (count / total) * 100);
    const rect = html`<rect class="${status}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="1" />`;
    x += width;
    return rect;
  });
  const words = parts.map(({ word, count }) => `${grouped(count)} ${word}`).join(', ');
  const label = `${percentOf({ settled, total })} % of ${grouped(total)} messages done${words && `: ${words}`}`;
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="${label}">
    ${rects}
  </svg>`;
}
