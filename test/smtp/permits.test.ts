import fc from 'fast-check';
import { leasePermits, nextPermitAt, periodStart, permitsIn, plannedBefore } from '../../src/smtp/rules/permits.js';

const hour = 3_600_000;

test.each<[number, number, number, number, number[]]>([
  // messages, per ms, period, pace, permits of six periods in a row
  [6_000, hour, 300_000, 1, [500, 500, 500, 500, 500, 500]],
  [100, 60_000, 10_000, 1, [16, 17, 17, 16, 17, 17]],
  [100, 60_000, 10_000, 0.5, [8, 8, 8, 8, 8, 8]],
  [2, 60_000, 10_000, 1, [0, 0, 1, 0, 0, 1]],
  [2, 60_000, 10_000, 0.125, [0, 0, 1, 0, 0, 1]],
  [50, 1_000, 10_000, 1, [500, 500, 500, 500, 500, 500]],
])('%i in %i ms, in periods of %i ms at a pace of %d', (messages, perMs, periodMs, pace, expected) => {
  expect(expected.map((_, n) => permitsIn({ messages, perMs }, n * periodMs, periodMs, pace))).toEqual(expected);
});

const rate = fc.record({
  messages: fc.integer({ min: 1, max: 100_000_000 }),
  perMs: fc.constantFrom(1_000, 60_000, hour),
});
const period = fc.integer({ min: 1, max: 3_600 }).map((s) => s * 1_000);
const instant = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });

test('periods in a row have what the rate says, whatever their length', () => {
  fc.assert(
    fc.property(rate, period, instant, fc.integer({ min: 1, max: 50 }), (one, periodMs, now, count) => {
      const first = periodStart(now, periodMs);
      const sum = Array.from({ length: count }, (_, n) => permitsIn(one, first + n * periodMs, periodMs)).reduce(
        (a, b) => a + b,
        0,
      );
      const exact = (count * periodMs * one.messages) / one.perMs;
      expect(Math.abs(sum - exact)).toBeLessThanOrEqual(1);
    }),
  );
});

test('no order in which workers lease, use, give back and die gives more away than a period has', () => {
  const act = fc.record({
    worker: fc.integer({ min: 0, max: 3 }),
    does: fc.constantFrom('lease', 'give back', 'send', 'die', 'clock'),
    many: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (acts, limit) => {
      let now = 0;
      const table = new Map<number, number>();
      const sent = new Map<number, number>();
      const held = new Map<number, { period: number; left: number }>();
      for (const { worker, does, many } of acts) {
        const taken = table.get(now) ?? 0;
        const own = held.get(worker) ?? { period: now, left: 0 };
        const left = own.period === now ? own.left : 0;
        if (does === 'clock') now += 1;
        else if (does === 'die') held.delete(worker);
        else if (does === 'send' && left > 0) {
          sent.set(now, (sent.get(now) ?? 0) + 1);
          held.set(worker, { period: now, left: left - 1 });
        } else if (does === 'lease' || (does === 'give back' && left > 0)) {
          const change = leasePermits({ taken }, limit, does === 'lease' ? many : -Math.min(many, left));
          table.set(now, taken + change);
          held.set(worker, { period: now, left: left + change });
        }
      }
      for (const count of sent.values()) expect(count).toBeLessThanOrEqual(limit);
    }),
  );
});

test('whoever is put off comes behind those of the period before, unless that was not used up', () => {
  const before = { startsAt: 0, taken: 60, planned: 150 };
  expect(plannedBefore(before, 4_000, 4_000, 60)).toBe(30);
  expect(plannedBefore({ ...before, planned: 40 }, 4_000, 4_000, 60)).toBe(0);
  expect(plannedBefore({ ...before, taken: 20 }, 4_000, 4_000, 60)).toBe(0);
  expect(plannedBefore(before, 8_000, 4_000, 60)).toBe(0);
  expect(plannedBefore(undefined, 4_000, 4_000, 60)).toBe(0);
});

test('the next permit of a slow rate is in a later period', () => {
  expect(nextPermitAt({ messages: 2, perMs: 60_000 }, 20_000, 10_000)).toBe(50_000);
  expect(nextPermitAt({ messages: 60, perMs: 60_000 }, 20_000, 10_000)).toBe(30_000);
});
