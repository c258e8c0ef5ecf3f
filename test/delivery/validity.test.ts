import { validityEnd } from '../../src/delivery/validity.js';

const started = Date.UTC(2026, 11, 1);
const day = 86_400_000;

test.each([
  ['by its length', { validity: '5d' }, false, 5 * day],
  ['by its length, at an enhanced relay', { validity: '5d' }, true, 3.5 * day],
  ['a short one, at an enhanced relay', { validity: '2h' }, true, day / 12],
  ['by a date', { validity: '5d', validUntil: '2026-12-08T18:00+01:00' }, false, 7 * day + (17 / 24) * day],
  ['by a date, at an enhanced relay', { validity: '5d', validUntil: '2026-12-08T18:00Z' }, true, 3.5 * day],
  ['by an early date', { validity: '5d', validUntil: '2026-12-01T06:00-06:00' }, true, day / 2],
  ['by a date that is over', { validity: '5d', validUntil: '2026-11-30T00:00:00Z' }, false, -day],
])('validity ends %s', (_, sending, enhancedRelay, after) => {
  expect(validityEnd({ sending, enhancedRelay }, started) - started).toBe(after);
});
