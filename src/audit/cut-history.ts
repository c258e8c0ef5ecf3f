import { clocksMs } from './checks/check.js';
import { nameOfEntry, nameOfKept } from './checks/history-checks.js';
import { journalWrites, type HistoryEvent } from './checks/run-summary.js';
import type { ChainedEntry } from './journal-chain.js';

/**
 * Runs as they were when the tables were read: histories are fetched after that, and may tell of entries that were written to the
 * journal meanwhile. Older ones are left where they are: an entry that the journal should have and has not, somebody took away.
 *
 * @param readAt - when the tables were read, milliseconds since the epoch
 * @returns cuts a run's events before the one that tells that the first such entry was written
 */
export function historyCutter(
  journal: readonly ChainedEntry[],
  readAt: number,
): (events: readonly HistoryEvent[]) => readonly HistoryEvent[] {
  const known = new Set(journal.map(nameOfKept));
  return (events) => {
    const later = journalWrites(events).find(({ entries, writtenAt = Infinity }) => {
      const { eventTime = '' } = events[writtenAt] ?? {};
      return Date.parse(eventTime) > readAt - clocksMs && entries.some((entry) => !known.has(nameOfEntry(entry)));
    });
    return later ? events.slice(0, later.writtenAt) : events;
  };
}
