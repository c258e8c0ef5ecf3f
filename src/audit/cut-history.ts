import { clocksMs } from './checks/check.js';
import { nameOfEntry } from './checks/history-checks.js';
import { journalWrites, type HistoryEvent } from './checks/run-summary.js';
import type { ChainedEntry } from './journal-chain.js';

/**
 * A run as it was when the tables were read: its history is fetched after that, and may tell of entries that were written to the
 * journal meanwhile. Older ones are left where they are: an entry that the journal should have and has not, somebody took away.
 *
 * @param readAt - when the tables were read, milliseconds since the epoch
 * @returns its events before it is told that the first such entry was written
 */
export function cutHistory(
  events: readonly HistoryEvent[],
  journal: readonly ChainedEntry[],
  readAt: number,
): readonly HistoryEvent[] {
  const known = new Set(journal.map(({ data, at, kind }) => nameOfEntry({ ...data, at, kind })));
  const later = journalWrites(events).find(({ entries, writtenAt = Infinity }) => {
    const { eventTime = '' } = events[writtenAt] ?? {};
    return Date.parse(eventTime) > readAt - clocksMs && entries.some((entry) => !known.has(nameOfEntry(entry)));
  });
  return later ? events.slice(0, later.writtenAt) : events;
}
