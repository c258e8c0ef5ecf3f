import fc from 'fast-check';
import { durationMs } from '../../src/delivery/duration.js';
import { firstDaySpanMs, nextAttemptAt, retryGrainMs, type RetryPace } from '../../src/delivery/retry-timetable.js';

const hour = 3_600_000;
const day = 24 * hour;
const defaults = { inFirstDay: 5, interval: '1h' };
const own = { ...defaults, greylistedAfter: '10m', policyAfter: '6h' };

function timetable(
  retries: Parameters<typeof nextAttemptAt>[0],
  validity: number,
  paces: readonly RetryPace[] = [],
): number[] {
  const attemptsAt = [0];
  for (let now = 0; ;) {
    const attempts = attemptsAt.length;
    const pace = paces[attempts - 1] ?? 'timetable';
    const next = nextAttemptAt(retries, { attempts, firstAttemptAt: 0, now, pace }, validity);
    if (next === undefined) return attemptsAt;
    attemptsAt.push(next);
    now = next;
  }
}

test('by default a message is tried five times more on the first day, then once a day until validity ends', () => {
  const hours = timetable(defaults, 5 * day).map((at) => at / hour);
  expect(hours).toEqual([0, 1, 2, 3, 4, 5, 24, 48, 72, 96, 120]);
});

test.each([
  ['no retries on the first day', { inFirstDay: 0, interval: '1h' }, 2 * day, [0, 24, 48]],
  ['an interval that fills the day', { inFirstDay: 5, interval: '10h' }, 2 * day, [0, 10, 20, 48]],
  ['a validity that ends before the next', defaults, 2.5 * hour, [0, 1, 2]],
  ['an interval of more than a day', { inFirstDay: 5, interval: '2d' }, 5 * day, [0, 48, 96]],
])('%s', (_, retries, validity, hours) => {
  const seen = timetable(retries, validity).map((at) => at / hour);
  expect(seen.slice(0, hours.length)).toEqual(hours);
});

test.each<[string, Parameters<typeof timetable>[0], RetryPace[], number[]]>([
  ['a greylisted one comes again after a quarter of the interval', defaults, ['early'], [0, 0.25, 1.25, 2.25]],
  ['or as the settings say', own, ['early'], [0, 1 / 6, 7 / 6, 13 / 6]],
  ['a policy is given four intervals', defaults, ['late', 'late', 'timetable'], [0, 4, 8, 9, 10, 11, 24]],
  ['or as the settings say', own, ['early', 'late', 'late', 'late'], [0, 1 / 6, 37 / 6, 73 / 6, 109 / 6, 115 / 6, 24]],
  [
    'what would be late on the first day comes on the second',
    own,
    ['late', 'late', 'late', 'late'],
    [0, 6, 12, 18, 24, 48],
  ],
])('%s', (_, retries, paces, hours) => {
  const seen = timetable(retries, 2 * day, paces).map((at) => at / hour);
  expect(seen.slice(0, hours.length)).toEqual(hours.map((at) => expect.closeTo(at, 9)));
});

test.each([
  [defaults, 5, 0.25],
  [own, 5, 1 / 6],
  [{ inFirstDay: 5, interval: '10h' }, 20, 2.5],
  [{ inFirstDay: 5, interval: '2d' }, 0, 12],
  [{ inFirstDay: 5, interval: '4h', policyAfter: '30m' }, 20, 0.5],
])('%j: the first day spans %d hours, and the shortest wait is %d', (retries, span, wait) => {
  expect(firstDaySpanMs(retries)).toBe(span * hour);
  expect(retryGrainMs(retries) * 60).toBeCloseTo(wait * hour, 5);
});

test('attempts are never closer than the interval, never more on the first day than allowed, never after validity', () => {
  const retries = fc.record({
    inFirstDay: fc.integer({ min: 0, max: 24 }),
    interval: fc.constantFrom('1m', '30m', '1h', '5h', '2d'),
  });
  fc.assert(
    fc.property(retries, fc.integer({ min: 1, max: 10 * day }), (rules, validity) => {
      const seen = timetable(rules, validity);
      const gaps = seen.slice(1).map((at, index) => at - (seen[index] ?? 0));
      expect(Math.min(Infinity, ...gaps)).toBeGreaterThanOrEqual(durationMs(rules.interval));
      expect(seen.filter((at) => at > 0 && at < day).length).toBeLessThanOrEqual(rules.inFirstDay);
      expect(Math.max(...seen)).toBeLessThanOrEqual(validity);
    }),
  );
});
