import { judgeCounts, type MxCounts } from './counted-mx.js';

const limits = { connections: 3, messagesPerConnection: 20, perPeriod: 200, periodMs: 5_000 };
const begin = Date.UTC(2026, 0, 1);

const counted = (counts: readonly number[], most: Partial<MxCounts> = {}): MxCounts => ({
  byPeriod: new Map(counts.flatMap((count, n) => (count > 0 ? [[begin + n * limits.periodMs, count]] : []))),
  mostOpen: 3,
  mostOfConnection: 20,
  ...most,
});

test.each<[string, MxCounts, number, { periods: number[]; used: number }]>([
  [
    'the first period, which had begun, and the last, which has no more',
    counted([90, 200, 190, 120]),
    600,
    { periods: [200, 190], used: 0.975 },
  ],
  [
    'a period in which nothing came is one that was not used',
    counted([10, 200, 0, 200, 90]),
    500,
    { periods: [200, 0, 200], used: 2 / 3 },
  ],
])('%s', (_, counts, messages, expected) => {
  expect(judgeCounts(counts, limits, messages)).toEqual({ passed: [], ...expected });
});

test.each<[MxCounts, RegExp]>([
  [counted([10, 201, 89]), /^201 messages in the period from 2026-01-01T00:00:05.000Z, and 200 may be$/],
  [counted([10, 200, 90], { mostOpen: 4 }), /^4 connections at a time, and 3 may be$/],
  [counted([10, 200, 90], { mostOfConnection: 21 }), /^21 messages over one connection, and 20 may be$/],
])('a limit that was passed is told', (counts, said) => {
  expect(judgeCounts(counts, limits, 300).passed).toEqual([expect.stringMatching(said)]);
});
