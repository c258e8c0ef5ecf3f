import fc from 'fast-check';
import { nextWorkingMinute, workingHoursSchema, type WorkingHours } from '../../src/delivery/working-hours.js';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const office: WorkingHours = { timeZone: 'Europe/Berlin', from: '09:00', to: '17:00', days: [...weekdays] };

test.each<[string, Partial<WorkingHours>, string, string]>([
  ['within', {}, '2026-11-24T10:30:15.250Z', '2026-11-24T10:30:15.250Z'],
  ['the minute they begin', {}, '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z'],
  ['early in the morning', {}, '2026-11-24T03:12:00.000Z', '2026-11-24T08:00:00.000Z'],
  ['the minute they end', {}, '2026-11-24T16:00:00.000Z', '2026-11-25T08:00:00.000Z'],
  ['the last moment', {}, '2026-11-24T15:59:59.999Z', '2026-11-24T15:59:59.999Z'],
  ['over a weekend', {}, '2026-11-27T16:30:00.000Z', '2026-11-30T08:00:00.000Z'],
  ['over the weekend in which summer time begins', {}, '2026-03-27T16:30:00.000Z', '2026-03-30T07:00:00.000Z'],
  ['over the weekend in which summer time ends', {}, '2026-10-23T15:30:00.000Z', '2026-10-26T08:00:00.000Z'],
  [
    'on the day of 23 hours, where they begin in the hour that is left out',
    { from: '02:30', to: '05:00', days: ['sun'] },
    '2026-03-29T00:10:00.000Z',
    '2026-03-29T01:00:00.000Z',
  ],
  [
    'on the day of 23 hours, where all of them are left out',
    { from: '02:10', to: '02:50', days: ['sun'] },
    '2026-03-29T00:10:00.000Z',
    '2026-04-05T00:10:00.000Z',
  ],
  [
    'on the day of 25 hours, in the hour that comes twice: the second time too',
    { from: '02:00', to: '03:00', days: ['sun'] },
    '2026-10-25T01:20:00.000Z',
    '2026-10-25T01:20:00.000Z',
  ],
  [
    'over midnight, on the day they begin',
    { from: '22:00', to: '06:00', days: ['fri'] },
    '2026-11-27T12:00:00.000Z',
    '2026-11-27T21:00:00.000Z',
  ],
  [
    'over midnight, on the day after',
    { from: '22:00', to: '06:00', days: ['fri'] },
    '2026-11-28T04:59:00.000Z',
    '2026-11-28T04:59:00.000Z',
  ],
  [
    'over midnight, once they have ended',
    { from: '22:00', to: '06:00', days: ['fri'] },
    '2026-11-28T05:00:00.000Z',
    '2026-12-04T21:00:00.000Z',
  ],
  [
    'until midnight',
    { from: '20:00', to: '00:00', days: ['sun'] },
    '2026-11-29T23:00:00.000Z',
    '2026-12-06T19:00:00.000Z',
  ],
  [
    'where summer time is half an hour',
    { timeZone: 'Australia/Lord_Howe', from: '01:45', to: '03:00', days: ['sun'] },
    '2026-10-03T14:00:00.000Z',
    '2026-10-03T15:15:00.000Z',
  ],
  [
    'where the clock differs by three quarters of an hour',
    { timeZone: 'Asia/Kathmandu', from: '09:05' },
    '2026-11-24T00:00:00.000Z',
    '2026-11-24T03:20:00.000Z',
  ],
])('%s', (_, own, at, expected) => {
  expect(new Date(nextWorkingMinute({ ...office, ...own }, Date.parse(at))).toISOString()).toBe(expected);
});

/** What a clock on a wall there shows, by another way than the one that is tested. */
function wall(timeZone: string, at: number): { day: string; minute: number } {
  const text = new Date(at).toLocaleString('sv-SE', { timeZone });
  const [date = '', time = ''] = text.split(' ');
  const day = (['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const)[new Date(`${date}T12:00:00Z`).getUTCDay()];
  return { day: day ?? '', minute: Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)) };
}

function isWorking({ timeZone, from, to, days }: WorkingHours, at: number): boolean {
  const { day, minute } = wall(timeZone, at);
  const { day: before } = wall(timeZone, at - (minute + 60) * 60_000);
  const [begin = 0, end = 0] = [from, to].map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
  const on = (name: string): boolean => (days as string[]).includes(name);
  if (begin < end) return on(day) && minute >= begin && minute < end;
  return (on(day) && minute >= begin) || (on(before) && minute < end);
}

const time = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const hours = fc
  .record({
    timeZone: fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Chatham',
      'UTC',
    ),
    from: time,
    to: time,
    days: fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, { minLength: 1 }),
  })
  .filter(({ from, to }) => from !== to)
  .map((given) => workingHoursSchema.parse(given));
// The weeks around the changes of the clock in both hemispheres, and any others.
const instant = fc.oneof(
  fc.integer({ min: Date.parse('2026-03-01'), max: Date.parse('2026-04-10') }),
  fc.integer({ min: Date.parse('2026-09-20'), max: Date.parse('2026-11-10') }),
  fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2032-01-01') }),
);

test('it is in the hours, not before the instant, and no minute between is', () => {
  fc.assert(
    fc.property(hours, instant, fc.double({ min: 0, max: 1, noNaN: true }), (given, at, part) => {
      const next = nextWorkingMinute(given, at);
      expect(next).toBeGreaterThanOrEqual(at);
      expect(isWorking(given, next)).toBe(true);
      for (const between of [at + Math.floor((next - at) * part), next - 1])
        if (between >= at && between < next) expect(isWorking(given, between)).toBe(false);
    }),
    { numRuns: 300 },
  );
});
