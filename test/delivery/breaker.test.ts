import fc from 'fast-check';
import {
  breakerDefaults,
  breakerSchema,
  runsLookedAt,
  tripBreaker,
  type BreakerSettings,
} from '../../src/delivery/breaker.js';
import type { StatusCounts } from '../../src/delivery/message-status.js';

const where = 'sending.breaker.limits';

test.each<[string, BreakerSettings | undefined, StatusCounts[], string | undefined]>([
  ['nothing was settled', undefined, [], undefined],
  ['one in ten failed', undefined, [{ sent: 90, failed: 10 }], undefined],
  [
    'more than one in ten failed',
    undefined,
    [{ sent: 89, failed: 11 }],
    `too much has gone wrong: 11 of the last 100 messages failed, and ${where}.failed allows 10%`,
  ],
  ['all failed, and they are few', undefined, [{ failed: 99 }], undefined],
  [
    'several runs together',
    undefined,
    [{ failed: 60 }, { sent: 20 }, { sent: 20 }],
    `too much has gone wrong: 60 of the last 100 messages failed, and ${where}.failed allows 10%`,
  ],
  ['what is put off has no limit of its own accord', undefined, [{ retrying: 5_000 }], undefined],
  [
    'what is put off, where it has one',
    { limits: { retrying: '50%' } },
    [{ sent: 400, retrying: 1_400 }],
    `too much has gone wrong: 1,400 of the last 1,800 messages were refused for now, and ${where}.retrying allows 50%`,
  ],
  [
    'two limits at a time',
    undefined,
    [{ sent: 100, failed: 50, 'in-doubt': 50 }],
    `too much has gone wrong: 50 of the last 200 messages failed, and ${where}.failed allows 10%; 50 of the last 200 messages are in doubt, and ${where}.inDoubt allows 10%`,
  ],
  ['it was long ago', undefined, [{ sent: 1_000 }, { failed: 1_000 }], undefined],
  [
    'whole runs count',
    undefined,
    [{ sent: 999 }, { failed: 1_000 }, { failed: 1_000 }],
    `too much has gone wrong: 1,000 of the last 1,999 messages failed, and ${where}.failed allows 10%`,
  ],
  ['a limit of its own', { last: 10, atLeast: 5, limits: { failed: '50%' } }, [{ sent: 3, failed: 3 }], undefined],
  [
    'fewer that tell something',
    { last: 10, atLeast: 5, limits: { failed: '50%' } },
    [{ sent: 2, failed: 3 }],
    `too much has gone wrong: 3 of the last 5 messages failed, and ${where}.failed allows 50%`,
  ],
  ['it is off', 'off', [{ failed: 5_000 }], undefined],
])('%s', (_, settings, runs, expected) => {
  expect(tripBreaker(settings, runs)).toBe(expected);
});

test.each<[unknown, string]>([
  ['on', 'sending.breaker must be off, or have last, atLeast and limits'],
  [{ last: 0 }, ''],
  [{ limits: {} }, 'sending.breaker.limits must name a limit'],
  [{ limits: { failed: '101%' } }, 'sending.breaker.limits.failed must be a share'],
  [{ last: 50 }, 'sending.breaker.atLeast must be no more than sending.breaker.last'],
  [{ atLeast: 2_000 }, 'sending.breaker.atLeast must be no more than sending.breaker.last'],
])('%j is refused', (given, why) => {
  const { error } = breakerSchema.safeParse(given);
  expect(JSON.stringify(error?.issues)).toContain(why);
});

const counts = fc.record({
  sent: fc.nat(300),
  failed: fc.nat(300),
  retrying: fc.nat(300),
  'in-doubt': fc.nat(300),
});
const percent = fc.integer({ min: 0, max: 100 }).map((n) => `${n}%`);
const settings = fc
  .record({ last: fc.integer({ min: 1, max: 2_000 }), atLeast: fc.integer({ min: 1, max: 2_000 }) })
  .filter(({ last, atLeast }) => atLeast <= last)
  .chain((bounds) => fc.record({ failed: percent, inDoubt: percent }).map((limits) => ({ ...bounds, limits })));
const sizeOf = (run: StatusCounts): number => Object.values(run).reduce((sum, count) => sum + count, 0);

test('it pauses for what was settled lately alone, for enough of it, and for a share that is passed', () => {
  fc.assert(
    fc.property(settings, fc.array(counts, { maxLength: 20 }), counts, (given, runs, older) => {
      const why = tripBreaker(given, runs);
      const all = runs.reduce((sum, run) => sum + sizeOf(run), 0);
      if (all < given.atLeast) expect(why).toBeUndefined();
      // What came before so many messages makes no difference.
      if (all >= given.last) expect(tripBreaker(given, [...runs, older])).toBe(why);
      const [latest, ...rest] = runs;
      if (!latest) return;
      // One more that is taken in place of one that failed stands against nothing.
      if (why === undefined && latest.failed > 0) {
        const better = { ...latest, failed: latest.failed - 1, sent: latest.sent + 1 };
        expect(tripBreaker(given, [better, ...rest])).toBeUndefined();
      }
      // One more that fails lets nothing go on.
      if (why !== undefined && latest.sent > 0) {
        const worse = { ...latest, failed: latest.failed + 1, sent: latest.sent - 1 };
        expect(tripBreaker(given, [worse, ...rest])).toBeDefined();
      }
    }),
  );
});

test('as many runs are looked at as could matter', () => {
  expect([undefined, {}, { last: 7, atLeast: 5 }, 'off' as const].map(runsLookedAt)).toEqual([
    breakerDefaults.last,
    breakerDefaults.last,
    7,
    0,
  ]);
});
