import fc from 'fast-check';
import { parseRate, rateSchema, ratePeriodMs } from '../../src/delivery/rate.js';
import { permitsIn } from '../../src/smtp/rules/permits.js';

test.each([
  ['50/s', { messages: 50, perMs: 1_000 }, 1_000],
  ['1200/min', { messages: 1_200, perMs: 60_000 }, 1_000],
  ['100/min', { messages: 100, perMs: 60_000 }, 10_000],
  ['6000/h', { messages: 6_000, perMs: 3_600_000 }, 10_000],
  ['59/min', { messages: 59, perMs: 60_000 }, 60_000],
  ['10/h', { messages: 10, perMs: 3_600_000 }, 60_000],
])('%s', (text, rate, periodMs) => {
  expect(parseRate(text)).toEqual(rate);
  expect(ratePeriodMs(rate)).toBe(periodMs);
});

test.each(['0/s', '100', '100/day', '1.5/s', '-1/s', '100 /min', '1000000000/s', ''])('%j is no rate', (text) => {
  expect(rateSchema('sending.rate').safeParse(text).success).toBe(false);
  expect(() => parseRate(text)).toThrow(RangeError);
});

test('over an hour, periods permit what the rate says, and none more than its share', () => {
  const rates = fc.record({ messages: fc.integer({ min: 1, max: 1_000_000 }), unit: fc.constantFrom('s', 'min', 'h') });
  fc.assert(
    fc.property(rates, ({ messages, unit }) => {
      const rate = parseRate(`${messages}/${unit}`);
      const periodMs = ratePeriodMs(rate);
      const share = (rate.messages * periodMs) / rate.perMs;
      let all = 0;
      for (let at = 0; at < 3_600_000; at += periodMs) {
        const permits = permitsIn(rate, at, periodMs);
        expect(permits).toBeLessThanOrEqual(Math.ceil(share));
        all += permits;
      }
      expect(all).toBe((rate.messages * 3_600_000) / rate.perMs);
    }),
    { numRuns: 30 },
  );
});
