import { z } from 'zod';
import { wallClock } from './wall-clock.js';

const localTime = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;
const dayMs = 86_400_000;

/** A local date and time as if it were UTC, in milliseconds since the epoch; undefined where the calendar has none such. */
function localOf(text: string): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = localTime.exec(text)?.slice(1).map(Number) ?? [];
  const local = Date.UTC(year, month - 1, day, hour, minute);
  return year >= 2000 && new Date(local).toISOString().startsWith(text) ? local : undefined;
}

/** A date and time of day without an offset, such as `2026-12-01T09:00`. */
export const localTimeSchema = (what: string) =>
  z
    .string(`${what} must be text`)
    .refine(
      (text) => localOf(text) !== undefined,
      `${what} must be a local date and time without an offset, such as 2026-12-01T09:00`,
    );

/**
 * The instant at which the clocks of a zone show a date and time. One that the beginning of summer time skips means as long
 * after the gap as it lies behind its beginning; one that its end brings twice means the first.
 *
 * The rules of time zones change with the versions of Node: no workflow asks this, and an analysis freezes what it has found.
 *
 * @param text - as {@link localTimeSchema} takes it
 * @returns milliseconds since the epoch
 */
export function instantOf(text: string, timeZone: string): number {
  const local = localOf(text);
  if (local === undefined) throw new RangeError(`"${text}" is not a local date and time such as 2026-12-01T09:00`);
  const clock = wallClock(timeZone);
  // By the offsets of the day before and of the day after; where both are one, both ways give the same instant.
  const [before = local, after = local] = [local - dayMs, local + dayMs].map((at) => local - (clock(at).local - at));
  const shown = [before, after].filter((at) => clock(at).local === local);
  return shown.length > 0 ? Math.min(...shown) : before;
}
