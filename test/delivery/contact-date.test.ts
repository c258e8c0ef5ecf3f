import fc from 'fast-check';
import { instantOf, localTimeSchema } from '../../src/delivery/contact-date.js';

test.each([
  ['in winter', '2026-12-01T09:00', 'Europe/Berlin', '2026-12-01T08:00'],
  ['in summer', '2026-07-01T09:00', 'Europe/Berlin', '2026-07-01T07:00'],
  ['on the day before summer time begins', '2026-03-28T09:00', 'Europe/Berlin', '2026-03-28T08:00'],
  ['on the day it begins', '2026-03-29T09:00', 'Europe/Berlin', '2026-03-29T07:00'],
  ['in the hour that is skipped', '2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30'],
  ['in the hour that comes twice', '2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30'],
  ['just after the hour that comes twice', '2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00'],
  ['in the skipped half hour', '2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:45'],
  ['where the clocks are 45 minutes apart', '2026-12-01T09:00', 'Asia/Kathmandu', '2026-12-01T03:15'],
  ['west of the date line, a day later', '2026-12-01T09:00', 'Pacific/Pago_Pago', '2026-12-01T20:00'],
  ['east of it, a day before', '2026-12-01T09:00', 'Pacific/Kiritimati', '2026-11-30T19:00'],
  ['on a day that a country left out', '2011-12-30T09:00', 'Pacific/Apia', '2011-12-30T19:00'],
])('%s', (_, text, timeZone, expected) => {
  expect(new Date(instantOf(text, timeZone)).toISOString()).toBe(`${expected}:00.000Z`);
});

test.each([
  '2026-12-01',
  '2026-12-01T9:00',
  '2026-12-01T09:00:00',
  '2026-12-01T09:00Z',
  '2026-12-01T09:00+01:00',
  '2026-12-01 09:00',
  '2026-02-30T09:00',
  '2026-13-01T09:00',
  '2026-12-01T24:00',
  '2026-12-01T09:60',
  '1999-12-01T09:00',
  'tomorrow',
])('%s is no local date and time', (text) => {
  expect(localTimeSchema('at').safeParse(text).success).toBe(false);
  expect(() => instantOf(text, 'UTC')).toThrow(RangeError);
});

const minuteMs = 60_000;
/** What the clocks show, by another language's way of writing it. */
const shownBy = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return (at: number): number => Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
};

/** Looks at every minute in which the clocks of any zone could show it. */
function searched(local: number, timeZone: string): number {
  const shown = shownBy(timeZone);
  let lastBefore = Number.NaN;
  for (let at = local - 27 * 60 * minuteMs; at < local + 27 * 60 * minuteMs; at += minuteMs) {
    if (shown(at) === local) return at;
    if (shown(at) < local) lastBefore = at;
  }
  // As if the clocks had gone on as they did before the gap.
  return lastBefore + (local - shown(lastBefore));
}

const zones = [
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'UTC',
];
const around = (first: string, last: string) =>
  fc.integer({ min: Date.parse(first) / minuteMs, max: Date.parse(last) / minuteMs });
// The hours in which the clocks are changed somewhere, their weeks, and any others.
const minutes = fc.oneof(
  around('2026-03-29T00:00Z', '2026-03-29T05:00Z'),
  around('2026-10-25T00:00Z', '2026-10-25T05:00Z'),
  around('2026-10-04T00:00Z', '2026-10-04T05:00Z'),
  around('2026-02-15', '2026-04-10'),
  around('2026-01-01', '2037-01-01'),
);

test('it is the first minute at which the clocks show it, or as long after a gap', () => {
  let gaps = 0;
  fc.assert(
    fc.property(fc.constantFrom(...zones), minutes, (timeZone, minute) => {
      const local = minute * minuteMs;
      const found = instantOf(new Date(local).toISOString().slice(0, 16), timeZone);
      if (shownBy(timeZone)(found) !== local) gaps += 1;
      expect(found).toBe(searched(local, timeZone));
    }),
    // A gap is looked at in any case: of 400 random minutes all may miss them.
    { numRuns: 400, examples: [['Europe/Berlin', Date.parse('2026-03-29T02:30Z') / minuteMs]] },
  );
  // Or the gaps were not looked at.
  expect(gaps).toBeGreaterThan(0);
});
