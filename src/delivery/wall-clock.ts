export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** What a clock on the wall shows. */
export interface WallTime {
  weekday: Weekday;
  /** Of the day. */
  minute: number;
  /** Date and time as if they were UTC, in milliseconds since the epoch. */
  local: number;
}

/** Offsets such as `+02:00` are zones for newer Nodes alone, and know no summer time. */
export function isTimeZone(text: string): boolean {
  try {
    return /^[A-Za-z]/.test(text) && new Intl.DateTimeFormat('en-US', { timeZone: text }).format(0) !== '';
  } catch {
    return false;
  }
}

/**
 * @param timeZone - one that {@link isTimeZone} knows
 * @returns what the clocks there show at an instant, in milliseconds since the epoch
 */
export function wallClock(timeZone: string): (at: number) => WallTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const weekday = weekdays.find((day) => day === parts['weekday']?.toLowerCase());
    if (!weekday) throw new RangeError(`the language data of this Node have no weekdays for ${timeZone}`);
    const part = (name: string): number => Number(parts[name]);
    const [hour, minute] = [part('hour'), part('minute')];
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), hour, minute, part('second'));
    return { weekday, minute: hour * 60 + minute, local };
  };
}
