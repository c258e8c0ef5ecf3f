import { z } from 'zod';
import { isTimeZone, wallClock, weekdays, type Weekday } from './wall-clock.js';

const place = 'approval.requests.workingHours';

const timeOfDay = (what: string) =>
  z
    .string(`${place}.${what} must be text`)
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, `${place}.${what} must be a time of day such as 09:00`);

/** When people want to be reminded. Where `to` is earlier than `from`, the hours end on the next day. */
export const workingHoursSchema = z
  .strictObject({
    timeZone: z
      .string(`${place}.timeZone must be text`)
      .refine(isTimeZone, `${place}.timeZone must be a time zone such as Europe/Berlin`),
    from: timeOfDay('from'),
    to: timeOfDay('to'),
    /** On which they begin. */
    days: z
      .array(z.enum(weekdays, `${place}.days are mon, tue, wed, thu, fri, sat and sun`))
      .min(1, `${place}.days must name a day`),
  })
  .refine(({ from, to }) => from !== to, `${place} must not end when they begin`);

export type WorkingHours = z.output<typeof workingHoursSchema>;

const minuteMs = 60_000;
const dayMinutes = 24 * 60;
/** Clocks differ from UTC by a multiple of it, and are changed at a multiple of it: within one they just go on. */
const quarter = 15;

/**
 * The first instant from `at` on that lies in the working hours. Only instants are added up here; what the clock on the wall
 * shows at each, Intl tells, so that a day of 23 or 25 hours needs no rule of its own.
 *
 * @param at - milliseconds since the epoch
 */
export function nextWorkingMinute({ timeZone, from, to, days }: WorkingHours, at: number): number {
  const clock = wallClock(timeZone);
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  for (let start = at - (at % (quarter * minuteMs)); ; start += quarter * minuteMs) {
    const { weekday, minute } = clock(start);
    for (const [first, last] of spansOn(weekday, { begin, end, days })) {
      const opens = start + Math.max(0, first - minute) * minuteMs;
      const closes = start + Math.min(quarter, last - minute) * minuteMs;
      if (Math.max(at, opens) < closes) return Math.max(at, opens);
    }
  }
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The minutes of one day that are working hours; those that began the day before come first. */
function spansOn(
  weekday: Weekday,
  { begin, end, days }: { begin: number; end: number; days: readonly Weekday[] },
): [first: number, last: number][] {
  const before = weekdays.at(weekdays.indexOf(weekday) - 1);
  const overnight = end < begin;
  return [
    ...(overnight && before && days.includes(before) ? [[0, end] as [number, number]] : []),
    ...(days.includes(weekday) ? [[begin, overnight ? dayMinutes : end] as [number, number]] : []),
  ];
}
