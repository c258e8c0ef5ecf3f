import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { historyCutter } from '../../src/audit/cut-history.js';
import { journalWrites, summariseRun, type HistoryEvent } from '../../src/audit/checks/run-summary.js';
import type { ChainedEntry } from '../../src/audit/journal-chain.js';

const file = new URL('../histories/finished-1-delivery-0.1.0.json.gz', import.meta.url);
const { events } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { events: HistoryEvent[] };
const given = journalWrites(events);
const journal = given
  .flatMap(({ entries }) => entries)
  .map(
    ({ at, kind, n: _n, ...data }, n): ChainedEntry => ({ n: n + 1, at, kind, data, hash: '', previous: '' }) as never,
  );
const lastWrite = given.at(-1);
const withoutLast = journal.slice(0, -(lastWrite?.entries.length ?? 0));
const written = Date.parse(events[lastWrite?.writtenAt ?? 0]?.eventTime ?? '');

test('a journal that has all of it leaves the history whole', () => {
  expect(historyCutter(journal, written)(events)).toEqual(events);
});

test('what was written after the journal was read is cut off, with all behind it', () => {
  const cut = historyCutter(withoutLast, written - 10)(events);
  expect(cut).toEqual(events.slice(0, lastWrite?.writtenAt));
  const { isClosed, journalled } = summariseRun({ workflowId: 'delivery:x', runId: 'y' }, cut);
  expect(isClosed).toBe(false);
  expect(journalled.filter((entry) => entry.written)).toHaveLength(withoutLast.length);
});

test('what somebody took out of the journal long after is left in the history, which tells it', () => {
  expect(historyCutter(withoutLast, written + 3_600_000)(events)).toEqual(events);
});
