import fc from 'fast-check';
import { durationMs } from '../../src/delivery/duration.js';
import { nextAttemptAt } from '../../src/delivery/retry-timetable.js';

const hour = 3_600_000;
const day = 24 * hour;
const defaults = { inFirstDay: 5, interval: '1h' };

function timetable(retries: typeof defaults, validity: number): number[] {
  const attemptsAt = [0];
  for (let now = 0; ;) {
    const next = nextAttemptAt(retries, { attempts: attemptsAt.length, firstAttemptAt: 0, now }, validity);
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
